// purpose: An act is kept once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_act_id IF NOT EXISTS FOR (act:GtAct) REQUIRE (act.world, act.id) IS UNIQUE
