// purpose: The approvals of a plan, oldest first.
// mode: read
// params: world, plan
// returns: approvals
MATCH (approval:GtApproval {world: $world, plan: $plan})
WITH approval
ORDER BY approval.at, approval.nonce
RETURN collect([approval.plan, approval.principal, approval.document, approval.signature, approval.at]) AS approvals
