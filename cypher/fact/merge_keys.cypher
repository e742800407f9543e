// purpose: Register keys once they are used; rows are [key, layer, record, name, object] (S16).
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (key:GtKey {key: row[0]})
ON CREATE SET key.world = $world, key.layer = row[1], key.record = row[2], key.name = row[3], key.object = row[4]
