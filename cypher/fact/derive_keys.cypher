// purpose: Register the keys and the links by object of the facts of commits in (after, until].
// mode: write
// params: world, after, until
// returns: -
MATCH (fact:GtFact)
USING INDEX fact:GtFact(world, seq)
WHERE fact.world = $world AND fact.seq > $after AND fact.seq <= $until
WITH DISTINCT fact.key AS text, fact.layer AS layer, fact.record AS record, fact.name AS name,
  coalesce(fact.object, '') AS object
MERGE (key:GtKey {key: text})
ON CREATE SET key.world = $world, key.layer = layer, key.record = record, key.name = name, key.object = object
WITH text, record, name, object
WHERE object <> ''
MERGE (link:GtLink {key: text, object: object})
ON CREATE SET link.world = $world, link.record = record, link.name = name
