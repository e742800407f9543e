// purpose: What persons hold against what is measured: the overrides in force, until when, by whom and why.
// mode: read
// params: world
// returns: entity, variable, value, unit, since, until, by, reason, version, layer
// needed: the world's id
// :param world => 'third-floor'
MATCH (world:GtWorld {id: $world})
MATCH (key:GtKey)
WHERE key.world = $world AND key.record STARTS WITH 'override:' AND NOT key.name STARTS WITH '@'
CALL (world, key) {
  MATCH (fact:GtFact)
  WHERE fact.key = key.key AND fact.valid_from > -4611686018427387904 AND fact.prio >= 0 AND fact.id >= ''
    AND fact.seq <= world.seq
  WITH world, fact
  ORDER BY fact.valid_from DESC, fact.prio DESC, fact.id DESC
  WITH world, collect(fact) AS said
  UNWIND [place IN range(0, size(said) - 1)
    WHERE said[place].op <> 'withdraw'
      AND (place = 0 OR said[place - 1].valid_from <> said[place].valid_from) | said[place]] AS cell
  WITH world, collect(cell) AS cells
  RETURN [cell IN cells WHERE cell.valid_from <= world.valid][0] AS claim,
    [cell IN cells WHERE cell.valid_from > world.valid][-1] AS next
}
WITH world, key, claim, next
WHERE claim.op = 'assert'
MATCH (record:GtRecord {world: $world, id: key.record})
OPTIONAL MATCH (told:GtAudit {world: $world, kind: 'override', run: claim.run})
WITH key, claim, next, record, replace(told.body, '\\"', "'") AS body
RETURN record.entity AS entity, key.name AS variable, coalesce(claim.value, claim.value_json) AS value,
  claim.unit AS unit, datetime({epochMillis: claim.valid_from / 1000}) AS since,
  CASE WHEN next IS NOT NULL THEN datetime({epochMillis: next.valid_from / 1000}) END AS until,
  split(split(body, '"principal":"')[1], '"')[0] AS by,
  split(split(body, '"reason":"')[1], '"')[0] AS reason, 'v' + claim.seq AS version, key.layer AS layer
ORDER BY entity, variable
