// purpose: The records of a world that don't exist at the head: without a type, or retired.
// mode: read
// params: world
// returns: records
MATCH (record:GtRecord)
USING INDEX record:GtRecord(world, id)
WHERE record.world = $world AND record.id >= '' AND (record.type IS NULL OR record.lifecycle = 'retired')
RETURN collect(record.id) AS records
