// purpose: A fact id is known once in a world; redelivery can't write it again (S5).
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_fact_id IF NOT EXISTS FOR (fact:GtFact) REQUIRE (fact.world, fact.id) IS UNIQUE
