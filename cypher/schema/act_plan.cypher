// purpose: The acts of a plan.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_act_plan IF NOT EXISTS FOR (act:GtAct) ON (act.world, act.plan)
