// purpose: Versions that have more or fewer facts than they say.
// mode: read
// params: world, limit
// returns: versions
MATCH (commit:GtCommit)
WHERE commit.world = $world AND commit.seq >= 0
CALL (commit) {
  MATCH (fact:GtFact)
  WHERE fact.world = $world AND fact.seq = commit.seq
  RETURN count(fact) AS facts
}
WITH commit, facts
WHERE facts <> commit.facts
WITH 'v' + toString(commit.seq) + ' says ' + toString(commit.facts) + ', has ' + toString(facts) AS version
LIMIT $limit
RETURN collect(version) AS versions
