// purpose: What entities hold in `extra`: [id, JSON or null].
// mode: read
// params: world, rows
// returns: extras
UNWIND $rows AS id
MATCH (entity:Entity {world: $world, id: id})
RETURN collect([entity.id, entity.extra]) AS extras
