// purpose: What was planned and what became of it: who approved, what was sent out, and how that ended.
// mode: read
// params: world, status
// returns: plan, status, summary, risk, needs_approval, author, created, approved_by, acts, reason, restore_point
// needed: the world's id
// :param world => 'third-floor'
// default: one status only, such as 'executed' or 'rolled_back'; null is all
// :param status => null
MATCH (one:GtPlan {world: $world})
WHERE $status IS NULL OR one.status = $status
CALL (one) {
  OPTIONAL MATCH (approval:GtApproval {world: $world, plan: one.id})
  WITH approval
  ORDER BY approval.at, approval.nonce
  RETURN collect(approval.principal) AS approved_by
}
CALL (one) {
  OPTIONAL MATCH (act:GtAct {world: $world, plan: one.id})
  WITH act
  ORDER BY act.at, act.id
  RETURN collect(act.covers + ' ' + act.action + ' at ' + act.entity + ': ' + act.outcome) AS acts
}
RETURN one.id AS plan, one.status AS status, one.summary AS summary, one.risk AS risk,
  one.needs_approval AS needs_approval, one.author AS author,
  datetime({epochMillis: one.created_at / 1000}) AS created, approved_by, acts, one.reason AS reason,
  one.restore_point AS restore_point
ORDER BY one.created_at DESC, one.id
