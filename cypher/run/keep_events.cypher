// purpose: Keep canonical events and where their raw bytes lie.
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
CREATE (:GtEvent {
  world: $world, id: row[0], source: row[1], timestamp: row[2], event_type: row[3], anchor: row[4], record: row[5],
  canonical: row[6], segment: row[7]
})
