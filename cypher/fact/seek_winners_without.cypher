// purpose: The winner that each [key, valid_from] would have without the decisions that a run made after a version (S31).
//   Each key begins with its world's id.
// mode: read
// params: rows, seq, run, since, rank
// returns: facts
UNWIND $rows AS row
CALL (row) {
  MATCH (fact:GtFact)
  USING INDEX fact:GtFact(key, valid_from, prio, id, seq)
  WHERE fact.key = row[0] AND fact.valid_from = row[1] AND fact.prio >= 0 AND fact.id >= '' AND fact.seq <= $seq
    AND (fact.seq <= $since OR fact.prio < $rank OR fact.run IS NULL
      OR (fact.run <> $run AND NOT fact.run STARTS WITH $run + ':'))
  RETURN fact
  ORDER BY fact.key DESC, fact.valid_from DESC, fact.prio DESC, fact.id DESC, fact.seq DESC
  LIMIT 1
}
RETURN collect([
    fact.id, fact.layer, fact.record, fact.name, fact.object, fact.op, fact.value, fact.value_json, fact.unit,
    fact.valid_from, fact.observed_at, fact.prio, fact.seq, fact.kind, fact.confidence, fact.source, fact.event,
    fact.evidence, fact.run
  ]) AS facts
