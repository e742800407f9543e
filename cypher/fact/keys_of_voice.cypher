// purpose: Every key of the records by which graphtwin itself speaks under a prefix: `rule:`, `transition:`.
// mode: read
// params: world, prefix
// returns: keys
MATCH (key:GtKey)
USING INDEX key:GtKey(world, record, name)
WHERE key.world = $world AND key.record STARTS WITH $prefix AND key.name >= ''
RETURN collect(key.key) AS keys
