// purpose: What to look at first: things by the risk of what is off at them and at all that they depend on.
//   As estimate-risk reckons values that are off what is desired or expected: likelihood by how far off, impact by how much
//   depends on it, seven tenths of it at each step along reported dependencies.
// mode: read
// params: world, threshold
// returns: entity, type, risk, causes
// needed: the world's id
// :param world => 'third-floor'
// default: how far off counts
// :param threshold => 0.15
MATCH (world:GtWorld {id: $world})
MATCH (configuration:GtConfiguration {world: $world, hash: world.configuration})
WITH configuration.fields AS fields, configuration.spans AS spans, configuration.dependencies AS dependencies
MATCH (thing:Entity {world: $world})
WHERE thing.status <> 'stale'
UNWIND keys(thing) AS variable
WITH thing, variable, dependencies, thing[variable] AS reported, [place IN range(0, size(fields) - 1)
  WHERE fields[place] = thing.type + '/' + variable | spans[place]][0] AS span
UNWIND [layer IN ['_desired', '_expected'] WHERE thing[variable + layer] IS NOT NULL | thing[variable + layer]] AS reference
WITH *, valueType(reported) IN ['INTEGER NOT NULL', 'FLOAT NOT NULL']
  AND valueType(reference) IN ['INTEGER NOT NULL', 'FLOAT NOT NULL'] AS numbers
WHERE span > 0 OR (span = 0 AND NOT numbers)
WITH thing, dependencies, variable, max(CASE
    WHEN numbers THEN abs(toFloat(reported) - reference) / span
    WHEN reported = reference THEN 0.0
    ELSE 1.0
  END) AS share
WHERE share > $threshold
CALL (thing, dependencies) {
  OPTIONAL MATCH way = SHORTEST 1 (thing)
    (()<-[edge WHERE type(edge) IN dependencies]-()){1,10}(dependent:Entity {world: $world})
  WHERE dependent <> thing
  RETURN [{entity: thing.id, type: thing.type, hops: 0}] + collect(
    CASE WHEN dependent IS NOT NULL THEN {entity: dependent.id, type: dependent.type, hops: length(way)} END) AS reach
}
WITH thing, variable, reach,
  (1 - 2 ^ (-share / (4 * $threshold))) * (1 - 1.0 / (2 + size(reach))) AS weight
UNWIND reach AS hit
WITH hit.entity AS entity, hit.type AS type, weight * 0.7 ^ hit.hops AS weight, thing.id + '.' + variable AS cause
ORDER BY weight DESC, cause
WITH entity, type, collect(weight) AS weights, collect(cause) AS causes
RETURN entity, type, round(1 - reduce(safe = 1.0, weight IN weights | safe * (1 - weight)), 3) AS risk, causes
ORDER BY risk DESC, entity
