// purpose: Every key that the records ever used.
// mode: read
// params: world, rows
// returns: keys
UNWIND $rows AS record
MATCH (key:GtKey)
USING INDEX key:GtKey(world, record, name)
WHERE key.world = $world AND key.record = record AND key.name >= ''
RETURN collect(key.key) AS keys
