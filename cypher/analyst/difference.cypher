// purpose: What two versions say differently: each claim that came, went or changed between them, at each one's own time.
//   What that makes of entities: `graphtwin diff`.
// mode: read
// params: world, before, after
// returns: record, entity, layer, name, object, before, after, since, source, version, fact
// needed: the world's id
// :param world => 'third-floor'
// needed: the earlier version, 1 or 'v1'
// :param before => 1
// default: the later version; null is the newest
// :param after => null
MATCH (world:GtWorld {id: $world})
MATCH (first:GtCommit {world: $world, seq: toInteger(replace(toString($before), 'v', ''))})
MATCH (last:GtCommit {world: $world, seq: coalesce(toInteger(replace(toString($after), 'v', '')), world.seq)})
// Keys that facts between the two are about, and those of facts that fell due between their times.
CALL (first, last) {
  MATCH (fact:GtFact)
  WHERE fact.world = $world AND fact.seq > first.seq AND fact.seq <= last.seq
  RETURN fact.key AS about
  UNION
  MATCH (fact:GtPlanned)
  WHERE fact.world = $world AND fact.valid_from > first.valid AND fact.valid_from <= last.valid AND fact.seq <= last.seq
  RETURN fact.key AS about
}
CALL (first, last, about) {
  UNWIND [first, last] AS commit
  OPTIONAL CALL (commit, about) {
    MATCH (fact:GtFact)
    WHERE fact.key = about AND fact.valid_from <= commit.valid AND fact.prio >= 0 AND fact.id >= ''
      AND fact.seq <= commit.seq
    WITH fact
    ORDER BY fact.valid_from DESC, fact.prio DESC, fact.id DESC
    WITH collect(fact) AS said
    WITH [place IN range(0, size(said) - 1)
      WHERE said[place].op <> 'withdraw'
        AND (place = 0 OR said[place - 1].valid_from <> said[place].valid_from) | said[place]][0] AS top
    WHERE top.op = 'assert'
    RETURN top
  }
  RETURN collect({top: top}) AS tops
}
WITH about, tops[0].top AS was, tops[1].top AS now
WHERE (was IS NULL) <> (now IS NULL) OR coalesce(was.value <> now.value, false)
  OR coalesce(was.value_json <> now.value_json, false) OR coalesce(was.unit, '') <> coalesce(now.unit, '')
  OR (was.value IS NULL) <> (now.value IS NULL)
MATCH (key:GtKey {key: about})
OPTIONAL MATCH (record:GtRecord {world: $world, id: key.record})
RETURN key.record AS record, record.entity AS entity, key.layer AS layer, key.name AS name, key.object AS object,
  coalesce(was.value, was.value_json) AS before, coalesce(now.value, now.value_json) AS after,
  CASE
    WHEN now.valid_from > -4611686018427387904 THEN datetime({epochMillis: now.valid_from / 1000})
  END AS since,
  now.source AS source, 'v' + now.seq AS version, now.id AS fact
ORDER BY record, layer, name, object
