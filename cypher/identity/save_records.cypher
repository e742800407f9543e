// purpose: Keep who a record is at the head: rows are [id, source, entity, type, lifecycle].
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MERGE (record:GtRecord {world: $world, id: row[0]})
SET record.source = row[1], record.entity = row[2], record.type = row[3], record.lifecycle = row[4]
