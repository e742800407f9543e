// purpose: The heads of all worlds, by id.
// mode: read
// params: -
// returns: heads
MATCH (world:GtWorld)
WITH world
ORDER BY world.id
RETURN collect([
    world.id, world.seq, world.valid, world.hash, world.version_id, world.configuration, world.committed_at,
    world.issue, world.audit_n, world.audit_hash, world.epoch
  ]) AS heads
