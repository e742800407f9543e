// purpose: What is hit if this fails: everything that depends on it, step by step.
//   Dependencies are the relations that twin.yaml declares so; any others can be named.
// mode: read
// params: world, entity, depth, relations
// returns: hit, type, status, steps, way
// needed: the world's id
// :param world => 'third-floor'
// needed: the id of what fails
// :param entity => 'hvac_unit:local/chiller'
// default: at most so many steps, up to 10
// :param depth => 10
// default: relationship types to follow, such as ['FEEDS']; null is those declared as dependencies
// :param relations => null
MATCH (world:GtWorld {id: $world})
MATCH (configuration:GtConfiguration {world: $world, hash: world.configuration})
MATCH (failing:Entity {world: $world, id: $entity})
MATCH way = SHORTEST 1 (failing)
  (()<-[edge WHERE type(edge) IN coalesce($relations, configuration.dependencies)]-()){1,10}(hit:Entity {world: $world})
WHERE length(way) <= $depth AND hit <> failing
RETURN hit.id AS hit, hit.type AS type, hit.status AS status, length(way) AS steps,
  [node IN nodes(way) | node.id] AS way
ORDER BY steps, hit
