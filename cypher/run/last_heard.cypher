// purpose: The newest valid time of each source's claims.
// mode: read
// params: world
// returns: heard
MATCH (source:GtSource {world: $world})
RETURN collect([source.name, source.heard]) AS heard
