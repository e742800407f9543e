// purpose: Keep plans and how far they came; a later record of the same id takes the place of the older one.
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (plan:GtPlan {world: $world, id: row[0]})
SET plan.digest = row[1], plan.occasion = row[2], plan.status = row[3], plan.summary = row[4], plan.document = row[5],
  plan.basis = row[6], plan.configuration = row[7], plan.risk = row[8], plan.needs_approval = row[9],
  plan.version = row[10], plan.author = row[11], plan.created_at = row[12], plan.updated_at = row[13],
  plan.run = row[14], plan.evidence = row[15], plan.reason = row[16], plan.restore_point = row[17],
  plan.holder = row[18], plan.alive_until = row[19]
