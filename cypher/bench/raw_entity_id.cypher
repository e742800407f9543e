// purpose: The reference's entities are found by a unique id, as those of a world are.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT bench_entity_id IF NOT EXISTS FOR (entity:BenchEntity) REQUIRE (entity.world, entity.id) IS UNIQUE
