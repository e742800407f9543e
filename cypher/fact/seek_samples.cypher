// purpose: The newest entries of each key up to (valid, seq), newest first, with no more than a past needs:
//   [key, [[valid_from, op, value, value_json]]]. Each key begins with its world's id.
// mode: read
// params: rows, valid, depth, seq
// returns: pasts
UNWIND $rows AS key
CALL (key) {
  MATCH (fact:GtFact)
  USING INDEX fact:GtFact(key, valid_from, prio, id, seq)
  WHERE fact.key = key AND fact.valid_from <= $valid AND fact.prio >= 0 AND fact.id >= '' AND fact.seq <= $seq
  WITH fact
  ORDER BY fact.key DESC, fact.valid_from DESC, fact.prio DESC, fact.id DESC, fact.seq DESC
  LIMIT $depth
  RETURN collect([fact.valid_from, fact.op, fact.value, fact.value_json]) AS entries
}
RETURN collect([key, entries]) AS pasts
