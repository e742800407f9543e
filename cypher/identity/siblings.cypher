// purpose: The records, and every record of their entities, as of the head:
//   [record, entity, type, lifecycle], type null where it doesn't exist.
// mode: read
// params: world, rows
// returns: rows
UNWIND $rows AS id
MATCH (record:GtRecord {world: $world, id: id})
WITH DISTINCT record.entity AS entity
MATCH (sibling:GtRecord {world: $world, entity: entity})
RETURN collect([sibling.id, entity, sibling.type, sibling.lifecycle]) AS rows
