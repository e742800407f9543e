// purpose: The next page of the present: [id, labels, properties, [[property, [seconds, nanoseconds]]]].
// mode: read
// params: world, after, limit
// returns: entities
MATCH (entity:Entity)
WHERE entity.world = $world AND entity.id > $after
WITH entity
ORDER BY entity.world, entity.id
LIMIT $limit
WITH entity, [name IN keys(entity) WHERE entity[name] IS :: ZONED DATETIME] AS instants
RETURN collect([
    entity.id, labels(entity), [name IN keys(entity) WHERE NOT name IN instants | [name, entity[name]]],
    [name IN instants | [name, [entity[name].epochSeconds, entity[name].nanosecond]]]
  ]) AS entities
