// purpose: Show new entities; rows are [id, labels, properties, [[property, seconds, nanoseconds]]].
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
CREATE (entity:Entity {world: $world, id: row[0]})
SET entity += row[2]
SET entity:$(row[1])
FOREACH (at IN row[3] | SET entity[at[0]] = datetime({epochSeconds: at[1], nanosecond: at[2]}))
