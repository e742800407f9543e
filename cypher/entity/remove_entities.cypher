// purpose: Take entities out of the present, with their relationships.
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS id
MATCH (entity:Entity {world: $world, id: id})
DETACH DELETE entity
