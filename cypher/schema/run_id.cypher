// purpose: A run of a world is kept once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_run_id IF NOT EXISTS FOR (run:GtRun) REQUIRE (run.world, run.id) IS UNIQUE
