// A service listens where its processes listen. Its port is the declared one if it listens there, else the lowest.
MATCH (service:Service {world: $world})-[:IMPLEMENTED_BY]->(process:Process {world: $world})
MATCH (process)<-[:SERVED_BY]-(endpoint:Endpoint {world: $world})
WHERE endpoint.status = 'active'
WITH DISTINCT service, endpoint
ORDER BY endpoint.port, endpoint.id
WITH service, collect(endpoint) AS endpoints
WITH service, endpoints,
     any(endpoint IN endpoints WHERE endpoint.port = service.port_desired) AS as_declared
RETURN service.id AS subject,
       {port: CASE WHEN as_declared THEN service.port_desired ELSE head(endpoints).port END} AS set,
       [endpoint IN endpoints | ['listens_on', endpoint.id]] AS edges,
       [[service.id, 'IMPLEMENTED_BY']]
         + [endpoint IN endpoints | [endpoint.id, 'port']]
         + [endpoint IN endpoints | [endpoint.id, 'SERVED_BY']] AS premises
ORDER BY subject
