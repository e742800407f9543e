// purpose: Keep run records; a later one replaces an earlier one of the same world and id.
// mode: write
// params: rows
// returns: -
UNWIND $rows AS row
MERGE (run:GtRun {world: row[1], id: row[0]})
SET run.workflow = row[2], run.started_at = row[3], run.ended_at = row[4], run.status = row[5],
  run.step = row[6], run.report = row[7], run.details = row[8]
