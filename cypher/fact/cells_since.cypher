// purpose: The [key, valid_from] of the facts that versions after one added: the change index (S16).
// mode: read
// params: world, after
// returns: cells
MATCH (fact:GtFact)
USING INDEX fact:GtFact(world, seq)
WHERE fact.world = $world AND fact.seq > $after
WITH DISTINCT fact.key AS key, fact.valid_from AS valid_from
RETURN collect([key, valid_from]) AS cells
