// purpose: Keys that facts use and the registry doesn't name.
// mode: read
// params: world, limit
// returns: keys
MATCH (fact:GtFact)
WHERE fact.world = $world AND fact.seq >= 0
WITH DISTINCT fact.key AS text
WHERE NOT EXISTS { MATCH (key:GtKey {key: text}) }
WITH replace(text, '\u001f', ' ') AS key
LIMIT $limit
RETURN collect(key) AS keys
