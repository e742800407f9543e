// purpose: What was learned late: facts about a time that an earlier version had already spoken of, the latest first.
// mode: read
// params: world, least
// returns: version, late, valid_from, record, name, value, source, fact
// needed: the world's id
// :param world => 'third-floor'
// default: at least so late, as a duration
// :param least => 'PT1M'
MATCH (said:GtFact)
WHERE said.world = $world AND said.seq > 1 AND said.valid_from > -4611686018427387904
  AND said.prio < 1152921504606846976
MATCH (before:GtCommit {world: $world, seq: said.seq - 1})
WITH said, (before.valid - said.valid_from) / 1000000 AS late
WHERE late >= (datetime({epochSeconds: 0}) + duration($least)).epochSeconds
RETURN 'v' + said.seq AS version, toString(duration({seconds: late})) AS late,
  datetime({epochMillis: said.valid_from / 1000}) AS valid_from, said.record AS record, said.name AS name,
  coalesce(said.value, said.value_json) AS value, said.source AS source, said.id AS fact
ORDER BY said.seq DESC, said.valid_from, record, name, fact
