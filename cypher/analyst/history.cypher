// purpose: Everything that was ever said of one variable: what, of when, by whom, and since which version it was known.
//   As `graphtwin history` has it, newest first.
// mode: read
// params: world, entity, variable, layer
// returns: valid_from, op, value, unit, source, kind, confidence, version, known_at, record, fact
// needed: the world's id
// :param world => 'third-floor'
// needed: the entity's id
// :param entity => 'hvac_unit:local/hvac-1'
// needed: the variable
// :param variable => 'setpoint'
// default: reported, desired or expected
// :param layer => 'reported'
MATCH (record:GtRecord {world: $world, entity: $entity})
WHERE record.type IS NOT NULL AND record.lifecycle <> 'retired'
MATCH (key:GtKey {world: $world, record: record.id, name: $variable, layer: $layer})
MATCH (said:GtFact {key: key.key})
MATCH (commit:GtCommit {world: $world, seq: said.seq})
RETURN CASE
    WHEN said.valid_from > -4611686018427387904 THEN datetime({epochMillis: said.valid_from / 1000})
  END AS valid_from,
  said.op AS op, coalesce(said.value, said.value_json) AS value, said.unit AS unit, said.source AS source,
  said.kind AS kind, said.confidence AS confidence, 'v' + said.seq AS version,
  datetime({epochMillis: commit.committed_at / 1000}) AS known_at, said.record AS record, said.id AS fact
ORDER BY said.valid_from DESC, said.prio DESC, said.id DESC
