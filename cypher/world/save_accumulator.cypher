// purpose: Keep a recomputed sum behind the head's hash.
// mode: write
// params: world, accumulator
// returns: -
MATCH (world:GtWorld {id: $world})
SET world.accumulator = $accumulator
