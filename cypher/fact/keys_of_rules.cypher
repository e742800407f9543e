// purpose: Every key that records of rules use: `rule:<id>/<subject>`.
// mode: read
// params: world
// returns: keys
MATCH (key:GtKey)
USING INDEX key:GtKey(world, record, name)
WHERE key.world = $world AND key.record STARTS WITH 'rule:' AND key.name >= ''
RETURN collect(key.key) AS keys
