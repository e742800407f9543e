// purpose: Seeks a key's claim in one entry: the order is that of S7, the id deciding between equal prios.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_fact_order IF NOT EXISTS
FOR (fact:GtFact) ON (fact.key, fact.valid_from, fact.prio, fact.id, fact.seq)
