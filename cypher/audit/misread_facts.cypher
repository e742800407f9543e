// purpose: Facts whose key isn't made of their own parts.
// mode: read
// params: world, limit
// returns: facts
MATCH (fact:GtFact)
WHERE fact.world = $world AND fact.seq >= 0
  AND fact.key <> $world + '\u001f' + fact.layer + '\u001f' + fact.record + '\u001f' + fact.name + '\u001f'
    + coalesce(fact.object, '')
WITH fact.id AS fact
LIMIT $limit
RETURN collect(fact) AS facts
