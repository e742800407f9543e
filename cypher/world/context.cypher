// purpose: A world's head, what its past used, and one of its versions with the configuration in force there.
// mode: read
// params: world, seq
// returns: head, objected, rostered, commit, configuration
MATCH (world:GtWorld {id: $world})
OPTIONAL MATCH (commit:GtCommit {world: $world, seq: coalesce($seq, world.seq)})
OPTIONAL MATCH (configuration:GtConfiguration {world: $world, hash: commit.configuration})
RETURN [
    world.id, world.seq, world.valid, world.hash, world.version_id, world.configuration, world.committed_at,
    world.issue, world.audit_n, world.audit_hash, world.epoch
  ] AS head, world.objected AS objected, world.rostered AS rostered,
  commit {.seq, .valid, .hash, .configuration} AS commit, configuration.json AS configuration
