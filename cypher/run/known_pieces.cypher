// purpose: Those of the event ids whose raw bytes are kept.
// mode: read
// params: world, rows
// returns: ids
UNWIND $rows AS id
OPTIONAL MATCH (event:GtEvent {world: $world, id: id})
OPTIONAL MATCH (piece:GtPiece {world: $world, event: id})
WITH id, event, piece
WHERE event.segment IS NOT NULL OR piece IS NOT NULL
RETURN collect(id) AS ids
