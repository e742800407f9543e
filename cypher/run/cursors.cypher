// purpose: Each source's committed position.
// mode: read
// params: world
// returns: cursors
MATCH (cursor:GtCursor {world: $world})
RETURN collect([cursor.source, cursor.position]) AS cursors
