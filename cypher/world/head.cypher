// purpose: A world's head.
// mode: read
// params: world
// returns: head
MATCH (world:GtWorld {id: $world})
RETURN [
    world.id, world.seq, world.valid, world.hash, world.version_id, world.configuration, world.committed_at,
    world.issue, world.audit_n, world.audit_hash, world.epoch
  ] AS head
