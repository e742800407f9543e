// purpose: A run is kept once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_run_id IF NOT EXISTS FOR (run:GtRun) REQUIRE run.id IS UNIQUE
