// purpose: Keep signed approvals; one of the same nonce is kept once.
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (approval:GtApproval {world: $world, nonce: row[1]})
ON CREATE SET approval.plan = row[0], approval.principal = row[2], approval.document = row[3],
  approval.signature = row[4], approval.at = row[5]
