// purpose: Register who a functional relation ever pointed to.
// mode: write
// params: world, name
// returns: -
MATCH (key:GtKey {world: $world, name: $name})
CALL (key) {
  MATCH (fact:GtFact)
  USING INDEX fact:GtFact(key, valid_from, prio, id, seq)
  WHERE fact.key = key.key AND fact.valid_from >= -9223372036854775808 AND fact.prio >= 0 AND fact.id >= ''
    AND fact.seq >= 0 AND fact.op = 'assert'
  RETURN DISTINCT toString(fact.value) AS object
}
WITH key, object
WHERE object IS NOT NULL
MERGE (link:GtLink {key: key.key, object: object})
ON CREATE SET link.world = $world, link.record = key.record, link.name = key.name
