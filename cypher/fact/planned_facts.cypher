// purpose: Facts that were dated ahead of their commit and lie in (after, until], known by seq (S4, S16).
// mode: read
// params: world, after, until, seq
// returns: facts
MATCH (fact:GtPlanned)
USING INDEX fact:GtPlanned(world, valid_from)
WHERE fact.world = $world AND fact.valid_from > $after AND fact.valid_from <= $until AND fact.seq <= $seq
RETURN collect([
    fact.id, fact.layer, fact.record, fact.name, fact.object, fact.op, fact.value, fact.value_json, fact.unit,
    fact.valid_from, fact.observed_at, fact.prio, fact.seq, fact.kind, fact.confidence, fact.source, fact.event,
    fact.evidence, fact.run
  ]) AS facts
