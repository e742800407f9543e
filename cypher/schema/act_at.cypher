// purpose: The acts of a world by time.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_act_at IF NOT EXISTS FOR (act:GtAct) ON (act.world, act.at)
