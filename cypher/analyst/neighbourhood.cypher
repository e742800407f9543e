// purpose: What is around a thing, whichever way the relationships point, and what each of them says.
// mode: read
// params: world, entity, depth
// returns: subject, relation, object, steps, attributes
// needed: the world's id
// :param world => 'third-floor'
// needed: the id of the thing in the middle
// :param entity => 'zone:local/north'
// default: at most so many steps, up to 6
// :param depth => 2
MATCH (middle:Entity {world: $world, id: $entity})
MATCH way = (middle)-[*1..6]-(:Entity {world: $world})
WHERE length(way) <= $depth
WITH last(relationships(way)) AS edge, min(length(way)) AS steps
RETURN startNode(edge).id AS subject, type(edge) AS relation, endNode(edge).id AS object, steps,
  [name IN keys(edge) WHERE name <> 'world' | name + ' ' + toString(edge[name])] AS attributes
ORDER BY steps, subject, relation, object
