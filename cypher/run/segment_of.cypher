// purpose: The segment that holds the raw bytes of an event.
// mode: read
// params: world, event
// returns: segment
OPTIONAL MATCH (event:GtEvent {world: $world, id: $event})
OPTIONAL MATCH (piece:GtPiece {world: $world, event: $event})
WITH coalesce(event.segment, piece.segment) AS id
MATCH (segment:GtSegment {world: $world, id: id})
RETURN segment {.id, .source, .bytes, .table} AS segment
