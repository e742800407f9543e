// purpose: Make the entities that the reference's rows belong to.
// mode: write
// params: world, rows
// returns: -
UNWIND $rows AS id
MERGE (:BenchEntity {world: $world, id: id})
