// A service stores its data on the filesystem with the longest mount point above its folder.
MATCH (service:Service {world: $world})
WHERE service.data_dir <> ''
MATCH (filesystem:Filesystem {world: $world})
WHERE filesystem.mountpoint = '/'
   OR service.data_dir = filesystem.mountpoint
   OR service.data_dir STARTS WITH filesystem.mountpoint + '/'
WITH service, filesystem
ORDER BY size(filesystem.mountpoint) DESC, filesystem.id
WITH service, head(collect(filesystem)) AS nearest
RETURN service.id AS subject,
       [['stored_on', nearest.id]] AS edges,
       [[service.id, 'data_dir'], [nearest.id, 'mountpoint']] AS premises
ORDER BY subject
