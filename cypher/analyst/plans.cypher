// purpose: What was planned and what became of it: who approved, what was sent out, and how that ended.
// mode: read
// params: world, status
// returns: plan, status, summary, risk, needs_approval, author, created, approved_by, acts, reason, restore_point
// needed: the world's id
// :param world => 'third-floor'
// default: one status only, such as 'executed' or 'rolled_back'; null is all
// :param status => null
MATCH (plan:GtPlan {world: $world})
WHERE $status IS NULL OR plan.status = $status
CALL (plan) {
  OPTIONAL MATCH (approval:GtApproval {world: $world, plan: plan.id})
  WITH approval
  ORDER BY approval.at, approval.nonce
  RETURN collect(approval.principal) AS approved_by
}
CALL (plan) {
  OPTIONAL MATCH (act:GtAct {world: $world, plan: plan.id})
  WITH act
  ORDER BY act.at, act.id
  RETURN collect(act.covers + ' ' + act.action + ' at ' + act.entity + ': ' + act.outcome) AS acts
}
RETURN plan.id AS plan, plan.status AS status, plan.summary AS summary, plan.risk AS risk,
  plan.needs_approval AS needs_approval, plan.author AS author,
  datetime({epochMillis: plan.created_at / 1000}) AS created, approved_by, acts, plan.reason AS reason,
  plan.restore_point AS restore_point
ORDER BY plan.created_at DESC, plan.id
