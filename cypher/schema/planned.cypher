// purpose: What falls due between two instants.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_planned_valid_from IF NOT EXISTS FOR (fact:GtPlanned) ON (fact.world, fact.valid_from)
