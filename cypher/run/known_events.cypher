// purpose: Those of the event ids that were committed before.
// mode: read
// params: world, rows
// returns: ids
UNWIND $rows AS id
MATCH (event:GtEvent {world: $world, id: id})
RETURN collect(event.id) AS ids
