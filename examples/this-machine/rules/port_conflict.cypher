// A port that two claim: another service declares it too, or listens on it.
MATCH (service:Service {world: $world})
WHERE service.port_desired IS NOT NULL
MATCH (rival:Service {world: $world})
WHERE rival.id <> service.id
  AND (rival.port_desired = service.port_desired OR rival.port = service.port_desired)
WITH service, rival
ORDER BY rival.id
WITH service, collect(rival) AS rivals
RETURN service.id AS subject,
       {message: 'Port ' + toString(service.port_desired) + ' of ' + coalesce(service.unit_name, service.id)
                 + ' is claimed by ' + reduce(names = '', rival IN rivals |
                     names + CASE WHEN names = '' THEN '' ELSE ', ' END + coalesce(rival.unit_name, rival.id)) + ' too',
        severity: 'high'} AS finding,
       [[service.id, 'port_desired']]
         + [rival IN rivals | [rival.id, 'port_desired']]
         + [rival IN rivals WHERE rival.port IS NOT NULL | [rival.id, 'port']] AS premises
ORDER BY subject
