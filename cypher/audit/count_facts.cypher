// purpose: How many facts a world has.
// mode: read
// params: world
// returns: facts
MATCH (fact:GtFact)
WHERE fact.world = $world AND fact.seq >= 0
RETURN count(fact) AS facts
