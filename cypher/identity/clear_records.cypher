// purpose: Take away a batch of the registry of records; answers how many were taken.
// mode: write
// params: world, limit
// returns: taken
MATCH (one:GtRecord)
WHERE one.world = $world AND one.id >= ''
WITH one
LIMIT $limit
DELETE one
RETURN count(*) AS taken
