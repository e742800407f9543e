// A service runs at the host that its processes run on; the model says where it should.
MATCH (service:Service {world: $world})-[:IMPLEMENTED_BY]->(process:Process {world: $world})
MATCH (process)-[:RUNS_ON]->(host:Host {world: $world})
WITH service, host, process
ORDER BY process.id
WITH service, host, collect(process) AS processes
RETURN service.id AS subject,
       [['runs_at', host.id]] AS edges,
       [[service.id, 'IMPLEMENTED_BY']] + [process IN processes | [process.id, 'RUNS_ON']] AS premises
ORDER BY subject
