// purpose: Make a version: the commit, and the head that it moves.
// mode: write
// params: world, seq, key, run, valid, committed_at, hash, accumulator, version_id, parent_version_id, configuration, facts, issue
// returns: -
CREATE (:GtCommit {
  world: $world, seq: $seq, key: $key, run: $run, valid: $valid, committed_at: $committed_at, hash: $hash,
  version_id: $version_id, parent_version_id: $parent_version_id, configuration: $configuration, facts: $facts
})
WITH 1 AS made
MATCH (world:GtWorld {id: $world})
SET world.seq = $seq, world.valid = $valid, world.hash = $hash, world.accumulator = $accumulator,
  world.version_id = $version_id, world.configuration = $configuration, world.committed_at = $committed_at,
  world.issue = $issue
