// purpose: The keys of the facts that commits in (after, until] added: the change index (S16).
// mode: read
// params: world, after, until
// returns: keys
MATCH (fact:GtFact)
USING INDEX fact:GtFact(world, seq)
WHERE fact.world = $world AND fact.seq > $after AND fact.seq <= $until
RETURN collect(DISTINCT fact.key) AS keys
