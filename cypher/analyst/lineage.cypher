// purpose: From a value back to the raw bytes: each claim in force, its event, and where in which segment the bytes lie.
//   `shown` marks the claim that the present shows. The bytes themselves: `graphtwin why`.
// mode: read
// params: world, entity, variable
// returns: value, shown, source, record, valid_from, version, run, fact, event, event_type, anchor, segment, offset, bytes
// needed: the world's id
// :param world => 'third-floor'
// needed: the entity's id
// :param entity => 'hvac_unit:local/hvac-1'
// needed: the variable
// :param variable => 'setpoint'
MATCH (world:GtWorld {id: $world})
MATCH (thing:Entity {world: $world, id: $entity})
MATCH (record:GtRecord {world: $world, entity: $entity})
WHERE record.type IS NOT NULL AND record.lifecycle <> 'retired'
MATCH (key:GtKey {world: $world, record: record.id, name: $variable, layer: 'reported'})
CALL (world, key) {
  MATCH (fact:GtFact)
  WHERE fact.key = key.key AND fact.valid_from <= world.valid AND fact.prio >= 0 AND fact.id >= ''
    AND fact.seq <= world.seq
  WITH fact
  ORDER BY fact.valid_from DESC, fact.prio DESC, fact.id DESC
  WITH collect(fact) AS said
  UNWIND [place IN range(0, size(said) - 1)
    WHERE place = 0 OR said[place - 1].valid_from <> said[place].valid_from | said[place]] AS cell
  WITH cell
  WHERE cell.op <> 'withdraw'
  RETURN cell AS claim
  ORDER BY cell.valid_from DESC
  LIMIT 1
}
WITH thing, claim
WHERE claim.op = 'assert'
OPTIONAL MATCH (event:GtEvent {world: $world, id: claim.event})
OPTIONAL MATCH (piece:GtPiece {world: $world, event: claim.event})
OPTIONAL MATCH (segment:GtSegment {world: $world, id: coalesce(event.segment, piece.segment)})
WITH thing, claim, event, segment, split(split(segment.table, '["' + claim.event + '",')[1], ',') AS place
RETURN coalesce(claim.value, claim.value_json) AS value,
  coalesce(claim.value = thing[$variable] AND datetime({epochSeconds: claim.valid_from / 1000000,
    nanosecond: claim.valid_from % 1000000 * 1000}) = thing[$variable + '_at'], false) AS shown,
  claim.source AS source, claim.record AS record, datetime({epochMillis: claim.valid_from / 1000}) AS valid_from,
  'v' + claim.seq AS version, claim.run AS run, claim.id AS fact, claim.event AS event,
  event.event_type AS event_type, event.anchor AS anchor, segment.id AS segment,
  toInteger(place[0]) AS offset, toInteger(place[1]) AS bytes
ORDER BY shown DESC, source, record
