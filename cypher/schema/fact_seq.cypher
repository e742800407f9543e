// purpose: The change index: what a commit added.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_fact_seq IF NOT EXISTS FOR (fact:GtFact) ON (fact.world, fact.seq)
