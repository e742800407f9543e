// purpose: The facts of the versions in (after, until], a record each, version by version.
// mode: read
// params: world, after, until
// returns: row
MATCH (fact:GtFact)
USING INDEX fact:GtFact(world, seq)
WHERE fact.world = $world AND fact.seq > $after AND fact.seq <= $until
WITH fact
ORDER BY fact.world, fact.seq
RETURN [
    fact.id, fact.layer, fact.record, fact.name, fact.object, fact.op, fact.value, fact.value_json, fact.unit,
    fact.valid_from, fact.observed_at, fact.prio, fact.seq, fact.kind, fact.confidence, fact.source, fact.event,
    fact.evidence, fact.run
  ] AS row
