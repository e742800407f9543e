// purpose: The version that was the head at an instant of the wall clock (S1).
// mode: read
// params: world, known_at
// returns: commit
MATCH (commit:GtCommit)
WHERE commit.world = $world AND commit.committed_at <= $known_at
WITH commit
ORDER BY commit.world DESC, commit.committed_at DESC
LIMIT 1
RETURN [
    commit.world, commit.seq, commit.key, commit.run, commit.valid, commit.committed_at, commit.hash,
    commit.version_id, commit.parent_version_id, commit.configuration, commit.facts
  ] AS commit
