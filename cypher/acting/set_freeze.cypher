// purpose: Freeze a world, or lift its freeze (nobody froze it).
// mode: write
// params: world, by, at, reason
// returns: -
MATCH (world:GtWorld {id: $world})
SET world.frozen_by = $by, world.frozen_at = $at, world.frozen_because = $reason
