// purpose: Keep segments of raw bytes; rows are [id, source, bytes, table, count] (S33).
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (segment:GtSegment {world: $world, id: row[0]})
ON CREATE SET segment.source = row[1], segment.bytes = row[2], segment.table = row[3], segment.count = row[4]
