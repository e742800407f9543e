// A declared service that no process implements.
MATCH (service:Service {world: $world})
WHERE service.process_match <> ''
  AND NOT EXISTS {
    MATCH (service)-[:IMPLEMENTED_BY]->(:Process {world: $world})
  }
RETURN service.id AS subject,
       {message: 'No process runs ' + coalesce(service.unit_name, service.id)
                 + ': none has "' + service.process_match + '" in its command line',
        severity: 'high'} AS finding,
       [[service.id, 'process_match']] AS premises
ORDER BY subject
