// purpose: Who froze a world, when and why.
// mode: read
// params: world
// returns: freeze
MATCH (world:GtWorld {id: $world})
WHERE world.frozen_by IS NOT NULL AND world.frozen_by <> ''
RETURN [world.frozen_by, world.frozen_at, world.frozen_because] AS freeze
