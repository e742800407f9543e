// purpose: Every registered record: [id, source, entity, type, lifecycle].
// mode: read
// params: world
// returns: records
MATCH (record:GtRecord)
WHERE record.world = $world AND record.id >= ''
RETURN collect([record.id, record.source, record.entity, record.type, record.lifecycle]) AS records
