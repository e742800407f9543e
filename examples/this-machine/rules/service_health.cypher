// A service is up when a process implements it and listens on its declared port, degraded on another, else down.
// It rests on the reading of the process list too: what isn't there has no fact of its own.
MATCH (service:Service {world: $world})
WHERE service.process_match <> ''
OPTIONAL MATCH (service)-[:IMPLEMENTED_BY]->(process:Process {world: $world})
WITH service, count(process) AS processes
OPTIONAL MATCH (host:Host {world: $world})
WHERE host.process_count IS NOT NULL
WITH service, processes, collect(host) AS hosts
RETURN service.id AS subject,
       {health: CASE
          WHEN processes = 0 THEN 'down'
          WHEN service.port_desired IS NULL OR service.port = service.port_desired THEN 'up'
          ELSE 'degraded'
        END} AS set,
       [[service.id, 'process_match'], [service.id, 'port_desired'],
        [service.id, 'IMPLEMENTED_BY'], [service.id, 'port']]
         + [host IN hosts | [host.id, 'process_count']] AS premises
ORDER BY subject
