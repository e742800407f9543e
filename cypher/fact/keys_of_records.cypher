// purpose: Every key that the records ever used.
// mode: read
// params: world, rows
// returns: keys
UNWIND $rows AS record
MATCH (key:GtKey {world: $world, record: record})
RETURN collect(key.key) AS keys
