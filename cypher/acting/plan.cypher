// purpose: One plan.
// mode: read
// params: world, plan
// returns: plans
MATCH (plan:GtPlan {world: $world, id: $plan})
RETURN collect([
    plan.document, plan.status, plan.basis, plan.configuration, plan.risk, plan.needs_approval, plan.version,
    plan.author, plan.created_at, plan.updated_at, plan.run, plan.evidence, plan.reason, plan.restore_point,
    plan.holder, plan.alive_until
  ]) AS plans
