// purpose: Show other values; rows are [id, properties (null takes one away), instants].
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
CALL (row) {
  MATCH (entity:Entity {world: $world, id: row[0]})
  SET entity += row[1]
  FOREACH (at IN row[2] | SET entity[at[0]] = datetime({epochSeconds: at[1], nanosecond: at[2]}))
}
