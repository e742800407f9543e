// purpose: Plans of a world in one of the statuses (all where none is named), newest first.
// mode: read
// params: world, statuses, limit
// returns: plans
MATCH (plan:GtPlan)
WHERE plan.world = $world AND plan.created_at > -9223372036854775808
  AND (size($statuses) = 0 OR plan.status IN $statuses)
WITH plan
ORDER BY plan.created_at DESC, plan.id
LIMIT $limit
RETURN collect([
    plan.document, plan.status, plan.basis, plan.configuration, plan.risk, plan.needs_approval, plan.version,
    plan.author, plan.created_at, plan.updated_at, plan.run, plan.evidence, plan.reason, plan.restore_point,
    plan.holder, plan.alive_until
  ]) AS plans
