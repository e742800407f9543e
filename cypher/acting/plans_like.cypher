// purpose: Every occasion of a plan with the same steps.
// mode: read
// params: world, digest
// returns: plans
MATCH (plan:GtPlan {world: $world, digest: $digest})
WITH plan
ORDER BY plan.occasion
RETURN collect([
    plan.document, plan.status, plan.basis, plan.configuration, plan.risk, plan.needs_approval, plan.version,
    plan.author, plan.created_at, plan.updated_at, plan.run, plan.evidence, plan.reason, plan.restore_point,
    plan.holder, plan.alive_until
  ]) AS plans
