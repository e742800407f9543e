// purpose: An entity is in the present once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (entity:Entity) REQUIRE (entity.world, entity.id) IS UNIQUE
