// purpose: The records of sources as of the head: [record, lifecycle].
// mode: read
// params: world, rows
// returns: records
UNWIND $rows AS source
MATCH (record:GtRecord {world: $world, source: source})
RETURN collect([record.id, record.lifecycle]) AS records
