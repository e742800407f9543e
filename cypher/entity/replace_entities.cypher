// purpose: Show entities under another type; rows are [id, old labels, labels, properties, instants].
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MATCH (entity:Entity {world: $world, id: row[0]})
REMOVE entity:$(row[1])
SET entity = {world: $world, id: row[0]}
SET entity += row[3]
SET entity:$(row[2])
FOREACH (at IN row[4] | SET entity[at[0]] = datetime({epochSeconds: at[1], nanosecond: at[2]}))
