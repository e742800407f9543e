// purpose: Lock the world for this transaction.
// mode: write
// params: world
// returns: -
MATCH (world:GtWorld {id: $world})
SET world.lock = world.epoch
