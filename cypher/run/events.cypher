// purpose: Canonical events by id.
// mode: read
// params: world, rows
// returns: events
UNWIND $rows AS id
MATCH (event:GtEvent {world: $world, id: id})
RETURN collect([
    event.id, event.source, event.timestamp, event.event_type, event.anchor, event.record, event.canonical
  ]) AS events
