// purpose: The next ids of the present.
// mode: read
// params: world, after, limit
// returns: ids
MATCH (entity:Entity)
WHERE entity.world = $world AND entity.id > $after
WITH entity.world AS world, entity.id AS id
ORDER BY world, id
LIMIT $limit
RETURN collect(id) AS ids
