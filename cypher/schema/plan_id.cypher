// purpose: A plan is kept once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_plan_id IF NOT EXISTS FOR (plan:GtPlan) REQUIRE (plan.world, plan.id) IS UNIQUE
