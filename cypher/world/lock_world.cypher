// purpose: Lock the world, then compare the epoch: a stale holder gets no row (S20).
// mode: write
// params: world, epoch, holder
// returns: head, accumulator, objected, rostered, configuration
MATCH (world:GtWorld {id: $world})
SET world.lock = $epoch
WITH world
WHERE world.epoch = $epoch AND world.lease_holder = $holder
MATCH (configuration:GtConfiguration {world: $world, hash: world.configuration})
RETURN [
    world.id, world.seq, world.valid, world.hash, world.version_id, world.configuration, world.committed_at,
    world.issue, world.audit_n, world.audit_hash, world.epoch
  ] AS head, world.accumulator AS accumulator, world.objected AS objected, world.rostered AS rostered,
  configuration.json AS configuration
