// purpose: Append links to the audit chain and move its head; rows are [n, at, kind, run, body, prev, hash].
// mode: write
// params: world, rows, n, hash
// returns: -
MATCH (world:GtWorld {id: $world})
SET world.audit_n = $n, world.audit_hash = $hash
WITH world
UNWIND $rows AS row
CREATE (:GtAudit {
  world: $world, n: row[0], at: row[1], kind: row[2], run: row[3], body: row[4], prev: row[5], hash: row[6]
})
