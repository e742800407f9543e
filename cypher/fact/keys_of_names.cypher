// purpose: Every key that a record used under a name, or under a name that begins with it; rows are [record, name].
// mode: read
// params: world, rows
// returns: keys
UNWIND $rows AS row
MATCH (key:GtKey)
USING INDEX key:GtKey(world, record, name)
WHERE key.world = $world AND key.record = row[0] AND key.name STARTS WITH row[1]
RETURN collect(key.key) AS keys
