// purpose: The links of the audit chain of some kinds, in no order.
// mode: read
// params: world, kinds
// returns: records
MATCH (record:GtAudit)
WHERE record.world = $world AND record.kind IN $kinds AND record.n > 0
RETURN collect([record.n, record.at, record.kind, record.run, record.body, record.prev, record.hash]) AS records
