// purpose: The newest valid time of each source's claims.
// mode: read
// params: world
// returns: heard
MATCH (source:GtSource)
WHERE source.world = $world AND source.name >= ''
RETURN collect([source.name, source.heard]) AS heard
