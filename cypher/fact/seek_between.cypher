// purpose: The newest entries of each key that are valid in (since, valid], newest first. Each key begins with its world's id.
// mode: read
// params: rows, since, valid, depth, seq
// returns: facts
UNWIND $rows AS key
CALL (key) {
  MATCH (fact:GtFact)
  USING INDEX fact:GtFact(key, valid_from, prio, id, seq)
  WHERE
    fact.key = key AND fact.valid_from > $since AND fact.valid_from <= $valid
    AND fact.prio >= 0 AND fact.id >= '' AND fact.seq <= $seq
  RETURN fact
  ORDER BY fact.key DESC, fact.valid_from DESC, fact.prio DESC, fact.id DESC, fact.seq DESC
  LIMIT $depth
}
RETURN collect([
    fact.id, fact.layer, fact.record, fact.name, fact.object, fact.op, fact.value, fact.value_json, fact.unit,
    fact.valid_from, fact.observed_at, fact.prio, fact.seq, fact.kind, fact.confidence, fact.source, fact.event,
    fact.evidence, fact.run
  ]) AS facts
