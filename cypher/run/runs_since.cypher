// purpose: Where the runs stand that started at an instant or later, oldest first; of those at it, the ones with greater ids.
// mode: read
// params: world, since, after, limit
// returns: runs
MATCH (run:GtRun)
WHERE run.world = $world AND run.started_at >= $since AND (run.started_at > $since OR run.id > $after)
WITH run
ORDER BY run.world, run.started_at, run.id
LIMIT $limit
RETURN collect([run.id, run.workflow, run.started_at, run.ended_at, run.status, run.step]) AS runs
