// purpose: Say where the raw bytes of events lie that have no canonical form in the same commit.
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (piece:GtPiece {world: $world, event: row[0]})
ON CREATE SET piece.segment = row[1]
