// purpose: Each source's committed position.
// mode: read
// params: world
// returns: cursors
MATCH (cursor:GtCursor)
WHERE cursor.world = $world AND cursor.source >= ''
RETURN collect([cursor.source, cursor.position]) AS cursors
