// purpose: Where the raw bytes of an event lie.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_piece_event IF NOT EXISTS FOR (piece:GtPiece) REQUIRE (piece.world, piece.event) IS UNIQUE
