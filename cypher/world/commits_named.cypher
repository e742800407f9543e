// purpose: Versions by number.
// mode: read
// params: world, rows
// returns: commits
UNWIND $rows AS seq
MATCH (commit:GtCommit {world: $world, seq: seq})
RETURN collect([
    commit.world, commit.seq, commit.key, commit.run, commit.valid, commit.committed_at, commit.hash,
    commit.version_id, commit.parent_version_id, commit.configuration, commit.facts
  ]) AS commits
