// A filesystem with under 5 % and under 5 GiB left; a large disk at 96 % isn't an emergency.
MATCH (filesystem:Filesystem {world: $world})
WHERE filesystem.used_percent > 95
  AND filesystem.free_bytes < 5368709120
RETURN filesystem.id AS subject,
       {message: filesystem.mountpoint + ' is ' + toString(filesystem.used_percent) + ' % full',
        severity: 'high'} AS finding,
       [[filesystem.id, 'used_percent'], [filesystem.id, 'free_bytes']] AS premises
ORDER BY subject
