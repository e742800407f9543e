// purpose: What was taken back: to which version, of which run, by whom and why, with the plan that it was.
// mode: read
// params: world
// returns: n, at, kind, by, restore_point, undone, reason, plan, status, run
// needed: the world's id
// :param world => 'third-floor'
MATCH (record:GtAudit)
WHERE record.world = $world AND record.kind IN ['rollback', 'restore'] AND record.n >= 0
WITH record, replace(record.body, '\\"', "'") AS body
WITH record, body, split(split(body, '"undone":"')[1], '"')[0] AS undone
OPTIONAL MATCH (act:GtAct {world: $world, run: undone})
WITH record, body, undone, min(act.plan) AS about
OPTIONAL MATCH (plan:GtPlan {world: $world, id: about})
RETURN record.n AS n, datetime({epochMillis: record.at / 1000}) AS at, record.kind AS kind,
  split(split(body, '"principal":"')[1], '"')[0] AS by,
  split(split(body, '"restore_point":"')[1], '"')[0] AS restore_point, undone,
  split(split(body, '"reason":"')[1], '"')[0] AS reason, plan.id AS plan, plan.status AS status, record.run AS run
ORDER BY n DESC
