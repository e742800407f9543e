// purpose: Facts that are marked as dated ahead of their commit and aren't, or are and aren't marked (S16).
// mode: read
// params: world, limit
// returns: facts
MATCH (commit:GtCommit)
WHERE commit.world = $world AND commit.seq > 0
MATCH (fact:GtFact)
WHERE fact.world = $world AND fact.seq = commit.seq AND (fact.valid_from > commit.valid) <> (fact:GtPlanned)
WITH fact.id AS fact
LIMIT $limit
RETURN collect(fact) AS facts
