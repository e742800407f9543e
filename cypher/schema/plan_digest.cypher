// purpose: The occasions of a plan.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_plan_digest IF NOT EXISTS FOR (plan:GtPlan) ON (plan.world, plan.digest)
