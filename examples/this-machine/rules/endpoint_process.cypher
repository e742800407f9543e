// An endpoint is served by the process that holds its socket.
MATCH (endpoint:Endpoint {world: $world})
WHERE endpoint.process_key <> ''
MATCH (process:Process {world: $world})
WHERE process.process_key = endpoint.process_key
  AND process.status = 'active'
WITH endpoint, process
ORDER BY process.id
WITH endpoint, head(collect(process)) AS holder
RETURN endpoint.id AS subject,
       [['served_by', holder.id]] AS edges,
       [[endpoint.id, 'process_key'], [holder.id, 'process_key']] AS premises
ORDER BY subject
