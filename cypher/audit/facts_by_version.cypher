// purpose: The next page of the facts of the versions in (after, until], in the order of their ids.
// mode: read
// params: world, after, until, id, limit
// returns: facts
MATCH (fact:GtFact)
USING INDEX fact:GtFact(world, seq)
WHERE fact.world = $world AND fact.seq > $after AND fact.seq <= $until AND fact.id > $id
WITH fact
ORDER BY fact.id
LIMIT $limit
RETURN collect([
    fact.id, fact.layer, fact.record, fact.name, fact.object, fact.op, fact.value, fact.value_json, fact.unit,
    fact.valid_from, fact.observed_at, fact.prio, fact.seq, fact.kind, fact.confidence, fact.source, fact.event,
    fact.evidence, fact.run
  ]) AS facts
