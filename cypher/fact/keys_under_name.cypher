// purpose: Every key under a name.
// mode: read
// params: world, name
// returns: keys
MATCH (key:GtKey {world: $world, name: $name})
RETURN collect(key.key) AS keys
