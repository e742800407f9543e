// purpose: Where model and reality part: by place, how many things are off what is desired or expected, and the worst.
//   A number is off by its distance as a share of the declared span, anything else wholly or not at all; what has no span
//   needs its past, and is in `graphtwin drift` only.
// mode: read
// params: world, threshold, relation
// returns: place, things, off, worst, worst_thing, variable, reported, reference
// needed: the world's id
// :param world => 'third-floor'
// default: how far off counts
// :param threshold => 0.15
// default: the relationship type that leads to the place
// :param relation => 'LOCATED_IN'
MATCH (world:GtWorld {id: $world})
MATCH (configuration:GtConfiguration {world: $world, hash: world.configuration})
WITH configuration.fields AS fields, configuration.spans AS spans
MATCH (thing:Entity {world: $world})
WHERE thing.status <> 'stale'
CALL (thing, fields, spans) {
  UNWIND keys(thing) AS variable
  UNWIND ['_desired', '_expected'] AS layer
  WITH *, thing[variable] AS reported, thing[variable + layer] AS reference, [place IN range(0, size(fields) - 1)
    WHERE fields[place] = thing.type + '/' + variable | spans[place]][0] AS span
  WHERE reference IS NOT NULL AND span IS NOT NULL
  WITH *, valueType(reported) IN ['INTEGER NOT NULL', 'FLOAT NOT NULL']
    AND valueType(reference) IN ['INTEGER NOT NULL', 'FLOAT NOT NULL'] AS numbers
  WHERE span > 0 OR NOT numbers
  WITH variable, reported, reference, CASE
      WHEN numbers THEN abs(toFloat(reported) - reference) / span
      WHEN reported = reference THEN 0.0
      ELSE 1.0
    END AS share
  ORDER BY share DESC, variable
  RETURN collect({share: share, variable: variable, reported: reported, reference: reference})[0] AS worst
}
OPTIONAL MATCH (thing)-[in]->(place:Entity {world: $world})
WHERE type(in) = $relation
WITH coalesce(place.id, 'nowhere') AS place, thing, worst
ORDER BY coalesce(worst.share, 0.0) DESC, thing.id
WITH place, count(thing) AS things, collect({id: thing.id, worst: worst}) AS all
WITH place, things, size([one IN all WHERE one.worst.share > $threshold]) AS off, all[0] AS most
RETURN place, things, off, round(most.worst.share, 3) AS worst,
  CASE WHEN most.worst IS NOT NULL THEN most.id END AS worst_thing, most.worst.variable AS variable,
  most.worst.reported AS reported, most.worst.reference AS reference
ORDER BY off DESC, worst DESC, place
