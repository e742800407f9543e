// purpose: Take away a batch of the present; answers how many were taken.
// mode: write
// params: world, limit
// returns: taken
MATCH (entity:Entity)
WHERE entity.world = $world AND entity.id >= ''
WITH entity
LIMIT $limit
DETACH DELETE entity
RETURN count(*) AS taken
