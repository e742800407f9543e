// purpose: Where the runs stand that started at an instant or later, oldest first.
// mode: read
// params: world, since, limit
// returns: runs
MATCH (run:GtRun)
WHERE run.world = $world AND run.started_at >= $since
WITH run
ORDER BY run.world, run.started_at, run.id
LIMIT $limit
RETURN collect([run.id, run.workflow, run.started_at, run.ended_at, run.status, run.step]) AS runs
