// A declared service is implemented by the running processes whose command line holds its marker.
MATCH (service:Service {world: $world})
WHERE service.process_match <> ''
MATCH (process:Process {world: $world})
WHERE process.status = 'active'
  AND process.cmdline CONTAINS service.process_match
WITH service, process
ORDER BY process.id
WITH service, collect(process) AS processes
RETURN service.id AS subject,
       [process IN processes | ['implemented_by', process.id]] AS edges,
       [[service.id, 'process_match']] + [process IN processes | [process.id, 'cmdline']] AS premises
ORDER BY subject
