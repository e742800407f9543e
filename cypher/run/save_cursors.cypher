// purpose: Make the sources' positions durable; rows are [source, JSON].
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (cursor:GtCursor {world: $world, source: row[0]})
SET cursor.position = row[1]
