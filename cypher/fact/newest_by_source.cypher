// purpose: The newest valid time of each source's claims up to an instant.
// mode: read
// params: world, valid
// returns: heard
MATCH (fact:GtFact)
WHERE fact.world = $world AND fact.seq >= 0 AND fact.prio < 1152921504606846976 AND fact.valid_from <= $valid
WITH fact.source AS source, max(fact.valid_from) AS heard
RETURN collect([source, heard]) AS heard
