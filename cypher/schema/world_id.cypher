// purpose: A world is there once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_world_id IF NOT EXISTS FOR (world:GtWorld) REQUIRE world.id IS UNIQUE
