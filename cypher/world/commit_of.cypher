// purpose: The version made under an idempotency key.
// mode: read
// params: world, key
// returns: commit
MATCH (commit:GtCommit {world: $world, key: $key})
WHERE commit.seq > 0
RETURN [
    commit.world, commit.seq, commit.key, commit.run, commit.valid, commit.committed_at, commit.hash,
    commit.version_id, commit.parent_version_id, commit.configuration, commit.facts
  ] AS commit
