// purpose: Take away a batch of the registry of links; answers how many were taken.
// mode: write
// params: world, limit
// returns: taken
MATCH (one:GtLink)
WHERE one.world = $world AND one.object >= ''
WITH one
LIMIT $limit
DELETE one
RETURN count(*) AS taken
