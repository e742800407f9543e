// purpose: Take away a batch of the registry of keys; answers how many were taken.
// mode: write
// params: world, limit
// returns: taken
MATCH (one:GtKey)
WHERE one.world = $world AND one.name >= ''
WITH one
LIMIT $limit
DELETE one
RETURN count(*) AS taken
