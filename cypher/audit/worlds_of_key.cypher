// purpose: The worlds whose audit chain gave somebody the API key of a digest.
// mode: read
// params: kind, digest
// returns: worlds
MATCH (world:GtWorld)
MATCH (record:GtAudit)
WHERE record.world = world.id AND record.kind = $kind AND record.n > 0 AND record.body CONTAINS $digest
RETURN collect(DISTINCT world.id) AS worlds
