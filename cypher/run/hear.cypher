// purpose: Remember the newest valid time of sources' claims; rows are [source, valid_from].
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (source:GtSource {world: $world, name: row[0]})
SET source.heard = CASE WHEN source.heard >= row[1] THEN source.heard ELSE row[1] END
