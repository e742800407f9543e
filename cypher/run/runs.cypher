// purpose: A world's runs, newest first.
// mode: read
// params: world, limit
// returns: runs
MATCH (run:GtRun)
WHERE run.world = $world AND run.started_at > -9223372036854775808
WITH run
ORDER BY run.world DESC, run.started_at DESC, run.id
LIMIT $limit
RETURN collect([
    run.id, run.world, run.workflow, run.started_at, run.ended_at, run.status, run.step, run.report, run.details
  ]) AS runs
