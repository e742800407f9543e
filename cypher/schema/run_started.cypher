// purpose: The newest runs of a world.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_run_started IF NOT EXISTS FOR (run:GtRun) ON (run.world, run.started_at)
