// purpose: Links of the audit chain after one, oldest first.
// mode: read
// params: world, after, limit
// returns: records
MATCH (record:GtAudit)
WHERE record.world = $world AND record.n > $after
WITH record
ORDER BY record.world, record.n
LIMIT $limit
RETURN collect([record.n, record.at, record.kind, record.run, record.body, record.prev, record.hash]) AS records
