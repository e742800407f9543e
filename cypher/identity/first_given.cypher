// purpose: The first version that held each [key, entity], whatever its valid time: [entity, seq].
// mode: read
// params: rows, seq
// returns: given
UNWIND $rows AS row
MATCH (fact:GtFact)
USING INDEX fact:GtFact(key, valid_from, prio, id, seq)
WHERE fact.key = row[0] AND fact.valid_from >= -9223372036854775808 AND fact.prio >= 0 AND fact.id >= ''
  AND fact.seq <= $seq AND fact.op = 'assert' AND fact.value = row[1]
WITH row[1] AS entity, min(fact.seq) AS first
RETURN collect([entity, first]) AS given
