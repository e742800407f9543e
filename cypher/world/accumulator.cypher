// purpose: The running sum behind the head's hash (S21).
// mode: read
// params: world
// returns: accumulator
MATCH (world:GtWorld {id: $world})
RETURN world.accumulator AS accumulator
