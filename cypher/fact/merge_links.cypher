// purpose: Register who points to whom; rows are [key, object, record, name] (S16).
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (link:GtLink {key: row[0], object: row[1]})
ON CREATE SET link.world = $world, link.record = row[2], link.name = row[3]
