// purpose: The newest plans of a world.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_plan_created IF NOT EXISTS FOR (plan:GtPlan) ON (plan.world, plan.created_at)
