// purpose: The links of the audit chain that belong to some runs.
// mode: read
// params: world, rows
// returns: records
MATCH (record:GtAudit)
WHERE record.world = $world AND record.n > 0 AND record.run IN $rows
RETURN collect([record.n, record.at, record.kind, record.run, record.body, record.prev, record.hash]) AS records
