// purpose: The [key, valid_from] of the decisions that a run made after a version, under its id or one that begins with
//   its id and a colon (S31).
// mode: read
// params: world, run, since, rank
// returns: cells
MATCH (fact:GtFact)
USING INDEX fact:GtFact(world, seq)
WHERE fact.world = $world AND fact.seq > $since AND fact.prio >= $rank
  AND (fact.run = $run OR fact.run STARTS WITH $run + ':')
WITH DISTINCT fact.key AS key, fact.valid_from AS valid_from
RETURN collect([key, valid_from]) AS cells
