// purpose: Wait until every index answers.
// mode: schema
// params: -
// returns: -
CALL db.awaitIndexes(240)
