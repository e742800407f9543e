// purpose: Draw relationships; rows are [subject, TYPE, object, properties].
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MATCH (subject:Entity {world: $world, id: row[0]})
MATCH (object:Entity {world: $world, id: row[2]})
CREATE (subject)-[edge:$(row[1]) {world: $world}]->(object)
SET edge += row[3]
