// A declared service that no process implements. That none does rests on the reading of the process list.
MATCH (service:Service {world: $world})
WHERE service.process_match <> ''
  AND NOT EXISTS {
    MATCH (service)-[:IMPLEMENTED_BY]->(:Process {world: $world})
  }
OPTIONAL MATCH (host:Host {world: $world})
WHERE host.process_count IS NOT NULL
WITH service, collect(host) AS hosts
RETURN service.id AS subject,
       {message: 'No process runs ' + coalesce(service.unit_name, service.id)
                 + ': none has "' + service.process_match + '" in its command line',
        severity: 'high'} AS finding,
       [[service.id, 'process_match']] + [host IN hosts | [host.id, 'process_count']] AS premises
ORDER BY subject
