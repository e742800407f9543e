// purpose: The reference of a benchmark: find the entity, make a node with the properties of a fact, relate the two.
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS row
MATCH (entity:BenchEntity {world: $world, id: row[3]})
CREATE (raw:BenchRow {
  world: $world, id: row[0], key: row[1], layer: row[2], record: row[3], name: row[4], object: row[5], op: row[6],
  value: row[7], value_json: row[8], unit: row[9], valid_from: row[10], observed_at: row[11], prio: row[12],
  seq: row[13], kind: row[14], confidence: row[15], source: row[16], event: row[17], evidence: row[18], run: row[19]
})
CREATE (entity)-[:RAW]->(raw)
