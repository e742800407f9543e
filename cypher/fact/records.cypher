// purpose: Every record that has a key.
// mode: read
// params: world
// returns: records
MATCH (key:GtKey)
WHERE key.world = $world AND key.record >= '' AND key.name >= ''
RETURN collect(DISTINCT key.record) AS records
