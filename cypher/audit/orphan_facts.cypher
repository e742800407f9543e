// purpose: Facts of versions that don't exist.
// mode: read
// params: world, limit
// returns: facts
MATCH (world:GtWorld {id: $world})
MATCH (fact:GtFact)
WHERE fact.world = $world AND (fact.seq > world.seq OR fact.seq < 1)
WITH fact.id AS fact
LIMIT $limit
RETURN collect(fact) AS facts
