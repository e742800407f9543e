// purpose: Those of the fact ids that are stored already.
// mode: read
// params: world, rows
// returns: ids
UNWIND $rows AS id
MATCH (fact:GtFact {world: $world, id: id})
RETURN collect(fact.id) AS ids
