// A service that runs, and listens elsewhere than declared or nowhere.
MATCH (service:Service {world: $world})-[:IMPLEMENTED_BY]->(:Process {world: $world})
WITH DISTINCT service
WHERE service.port_desired IS NOT NULL
  AND (service.port IS NULL OR service.port <> service.port_desired)
OPTIONAL MATCH (host:Host {world: $world})
WHERE host.process_count IS NOT NULL
WITH service, collect(host) AS hosts
RETURN service.id AS subject,
       {message: coalesce(service.unit_name, service.id) + ' should listen on port ' + toString(service.port_desired)
                 + ' and listens on ' + coalesce(toString(service.port), 'none'),
        severity: 'medium'} AS finding,
       [[service.id, 'port_desired'], [service.id, 'port'], [service.id, 'IMPLEMENTED_BY']]
         + [host IN hosts | [host.id, 'process_count']] AS premises
ORDER BY subject
