// purpose: Give relationships other attributes; rows are [subject, TYPE, object, properties].
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MATCH (subject:Entity {world: $world, id: row[0]})
MATCH (object:Entity {world: $world, id: row[2]})
MATCH (subject)-[edge:$(row[1])]->(object)
SET edge = {world: $world}
SET edge += row[3]
