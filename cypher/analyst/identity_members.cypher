// purpose: Which records were ever one thing: every decision that gave the entity a record or took it away, oldest first.
//   A record without a decision is an entity by itself; `now` tells whose it is at the newest version.
// mode: read
// params: world, entity
// returns: record, source, op, belongs_to, since, version, known_at, decided_as, now
// needed: the world's id
// :param world => 'third-floor'
// needed: the entity's id
// :param entity => 'sensor:local/t-1'
CALL () {
  MATCH (link:GtLink {world: $world, object: $entity, name: '@entity'})
  RETURN link.record AS record
  UNION
  MATCH (member:GtRecord {world: $world, entity: $entity})
  RETURN member.id AS record
}
OPTIONAL MATCH (now:GtRecord {world: $world, id: record})
OPTIONAL MATCH (key:GtKey {world: $world, record: record, name: '@entity'})
OPTIONAL MATCH (fact:GtFact {key: key.key})
OPTIONAL MATCH (commit:GtCommit {world: $world, seq: fact.seq})
RETURN record, split(record, ':')[0] AS source, fact.op AS op, fact.value AS belongs_to,
  CASE
    WHEN fact.valid_from > -4611686018427387904 THEN toString(datetime({epochMillis: fact.valid_from / 1000}))
    WHEN fact IS NOT NULL THEN 'always'
  END AS since,
  'v' + fact.seq AS version, CASE WHEN fact IS NOT NULL THEN datetime({epochMillis: commit.committed_at / 1000}) END AS known_at,
  fact.event AS decided_as, now.entity AS now
ORDER BY fact.seq, record, fact.valid_from, fact.prio
