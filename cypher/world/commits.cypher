// purpose: Versions after one, oldest first.
// mode: read
// params: world, after, limit
// returns: commits
MATCH (commit:GtCommit)
WHERE commit.world = $world AND commit.seq > $after
WITH commit
ORDER BY commit.world, commit.seq
LIMIT $limit
RETURN collect([
    commit.world, commit.seq, commit.key, commit.run, commit.valid, commit.committed_at, commit.hash,
    commit.version_id, commit.parent_version_id, commit.configuration, commit.facts
  ]) AS commits
