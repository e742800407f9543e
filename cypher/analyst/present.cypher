// purpose: What is so now: every variable with what is reported, desired and expected.
// mode: read
// params: world, type
// returns: entity, type, status, variable, reported, desired, expected, since
// needed: the world's id
// :param world => 'third-floor'
// default: one type only, such as 'zone'; null is all
// :param type => null
MATCH (thing:Entity {world: $world})
WHERE $type IS NULL OR thing.type = $type
WITH thing, [name IN keys(thing)
  WHERE NOT name IN ['id', 'world', 'type', 'status', 'labels', 'aliases', 'extra'] AND NOT name ENDS WITH '_at' |
  CASE
    WHEN name ENDS WITH '_desired' THEN left(name, size(name) - size('_desired'))
    WHEN name ENDS WITH '_expected' THEN left(name, size(name) - size('_expected'))
    ELSE name
  END] AS names
UNWIND CASE WHEN size(names) = 0 THEN [null] ELSE names END AS variable
WITH DISTINCT thing, variable
RETURN thing.id AS entity, thing.type AS type, thing.status AS status, variable,
  thing[variable] AS reported, thing[variable + '_desired'] AS desired, thing[variable + '_expected'] AS expected,
  thing[variable + '_at'] AS since
ORDER BY entity, variable
