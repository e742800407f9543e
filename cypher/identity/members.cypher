// purpose: Every record of the entities, as of the head: [record, entity, type, lifecycle].
// mode: read
// params: world, rows
// returns: rows
UNWIND $rows AS entity
MATCH (record:GtRecord {world: $world, entity: entity})
RETURN collect([record.id, entity, record.type, record.lifecycle]) AS rows
