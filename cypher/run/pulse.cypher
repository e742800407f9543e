// purpose: How far a world has come: its head, the end of its audit chain, and where its newest runs stand.
// mode: read
// params: world, limit
// returns: seq, audit_n, runs
MATCH (world:GtWorld {id: $world})
CALL () {
  MATCH (run:GtRun)
  WHERE run.world = $world AND run.started_at > -9223372036854775808
  WITH run
  ORDER BY run.world DESC, run.started_at DESC, run.id
  LIMIT $limit
  RETURN collect([run.id, run.workflow, run.started_at, run.ended_at, run.status, run.step]) AS runs
}
RETURN world.seq AS seq, world.audit_n AS audit_n, runs
