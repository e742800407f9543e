// purpose: Which of the [key, entity] a fact known by seq ever held, whatever its valid time.
// mode: read
// params: rows, seq
// returns: held
UNWIND $rows AS row
MATCH (fact:GtFact)
USING INDEX fact:GtFact(key, valid_from, prio, id, seq)
WHERE fact.key = row[0] AND fact.valid_from >= -9223372036854775808 AND fact.prio >= 0 AND fact.id >= ''
  AND fact.seq <= $seq AND fact.op = 'assert' AND fact.value = row[1]
RETURN collect(DISTINCT row) AS held
