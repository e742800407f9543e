// purpose: What moves most: variables by how often a claim differed from the one before it, of the same record.
// mode: read
// params: world, since, until
// returns: entity, variable, changes, values, claims, first, last
// needed: the world's id
// :param world => 'third-floor'
// default: from when on, such as '2026-03-02T00:00:00Z'; null is always
// :param since => null
// default: until when; null is now
// :param until => null
MATCH (world:GtWorld {id: $world})
MATCH (record:GtRecord {world: $world})
WHERE record.type IS NOT NULL AND record.lifecycle <> 'retired'
MATCH (key:GtKey {world: $world, record: record.id, layer: 'reported'})
WHERE NOT key.name STARTS WITH '@' AND coalesce(key.object, '') = ''
MATCH (fact:GtFact {key: key.key})
WHERE fact.valid_from <= coalesce(datetime($until).epochMillis * 1000, world.valid)
  AND fact.valid_from >= coalesce(datetime($since).epochMillis * 1000, -4611686018427387903)
WITH record.entity AS entity, key.name AS variable, key.key AS key, fact
ORDER BY key, fact.valid_from, fact.prio, fact.id
WITH entity, variable, key, fact.valid_from AS at, collect(fact)[-1] AS winner
WHERE winner.op = 'assert'
WITH entity, variable, key, at, coalesce(toString(winner.value), winner.value_json) AS value
ORDER BY key, at
WITH entity, variable, key, collect(value) AS said, min(at) AS first, max(at) AS last
WITH entity, variable, min(first) AS first, max(last) AS last,
  sum(size([place IN range(1, size(said) - 1) WHERE said[place] <> said[place - 1]])) AS changes,
  reduce(all = [], one IN collect(said) | all + one) AS said
UNWIND said AS value
WITH entity, variable, changes, first, last, count(DISTINCT value) AS values, count(value) AS claims
RETURN entity, variable, changes, values, claims, datetime({epochMillis: first / 1000}) AS first,
  datetime({epochMillis: last / 1000}) AS last
ORDER BY changes DESC, claims DESC, entity, variable
