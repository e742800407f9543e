// purpose: The segments that hold the raw bytes of some events, each once.
// mode: read
// params: world, rows
// returns: segments
UNWIND $rows AS name
OPTIONAL MATCH (event:GtEvent {world: $world, id: name})
OPTIONAL MATCH (piece:GtPiece {world: $world, event: name})
WITH DISTINCT coalesce(event.segment, piece.segment) AS id
MATCH (segment:GtSegment {world: $world, id: id})
RETURN collect(segment {.id, .source, .bytes, .table}) AS segments
