// purpose: Take away a batch of what was heard of sources; answers how many were taken.
// mode: write
// params: world, limit
// returns: taken
MATCH (one:GtSource)
WHERE one.world = $world AND one.name >= ''
WITH one
LIMIT $limit
DELETE one
RETURN count(*) AS taken
