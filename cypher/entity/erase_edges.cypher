// purpose: Take relationships away; rows are [subject, TYPE, object].
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MATCH (subject:Entity {world: $world, id: row[0]})
MATCH (object:Entity {world: $world, id: row[2]})
MATCH (subject)-[edge:$(row[1])]->(object)
DELETE edge
