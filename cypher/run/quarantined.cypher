// purpose: Messages that weren't taken, newest first; source null means all.
// mode: read
// params: world, source, limit
// returns: messages
MATCH (message:GtQuarantine)
WHERE message.world = $world AND message.at > -9223372036854775808 AND ($source IS NULL OR message.source = $source)
WITH message
ORDER BY message.at DESC, message.id
LIMIT $limit
RETURN collect([
    message.id, message.source, message.place, message.reason, message.hint, message.raw, message.size,
    message.sha256, message.at, message.run
  ]) AS messages
