// purpose: The links of the audit chain of some kinds, oldest first.
// mode: read
// params: world, kinds
// returns: records
MATCH (record:GtAudit)
WHERE record.world = $world AND record.kind IN $kinds AND record.n > 0
WITH record
ORDER BY record.n
RETURN collect([record.n, record.at, record.kind, record.run, record.body, record.prev, record.hash]) AS records
