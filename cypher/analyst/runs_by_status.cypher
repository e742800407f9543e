// purpose: How runs ended: by workflow and status, with how many, how long, and the newest.
// mode: read
// params: world, since
// returns: workflow, status, runs, mean_seconds, longest_seconds, newest, newest_run
// needed: the world's id
// :param world => 'third-floor'
// default: only those begun since, such as '2026-03-02T00:00:00Z'; null is all
// :param since => null
MATCH (run:GtRun)
WHERE run.world = $world
  AND run.started_at >= coalesce(datetime($since).epochMillis * 1000, -4611686018427387904)
WITH run
ORDER BY run.started_at DESC, run.id
WITH run.workflow AS workflow, run.status AS status, collect(run) AS runs,
  avg((run.ended_at - run.started_at) / 1e6) AS mean_seconds, max((run.ended_at - run.started_at) / 1e6) AS longest_seconds
RETURN workflow, status, size(runs) AS runs, round(mean_seconds, 3) AS mean_seconds,
  round(longest_seconds, 3) AS longest_seconds, datetime({epochMillis: runs[0].started_at / 1000}) AS newest,
  runs[0].id AS newest_run
ORDER BY runs DESC, workflow, status
