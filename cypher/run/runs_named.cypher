// purpose: Runs by id.
// mode: read
// params: world, rows
// returns: runs
UNWIND $rows AS id
MATCH (run:GtRun {world: $world, id: id})
RETURN collect([
    run.id, run.world, run.workflow, run.started_at, run.ended_at, run.status, run.step, run.report, run.details
  ]) AS runs
