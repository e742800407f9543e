// purpose: The records of a source as of the head: [record, lifecycle].
// mode: read
// params: world, source
// returns: rows
MATCH (record:GtRecord {world: $world, source: $source})
RETURN collect([record.id, record.lifecycle]) AS rows
