// purpose: What was not taken, why, and what to do: one row a source and reason, with its newest example.
// mode: read
// params: world
// returns: source, reason, hint, messages, bytes, newest, place
// needed: the world's id
// :param world => 'third-floor'
MATCH (message:GtQuarantine {world: $world})
WITH message
ORDER BY message.at DESC, message.id
WITH message.source AS source, message.reason AS reason, collect(message) AS messages
RETURN source, reason, messages[0].hint AS hint, size(messages) AS messages,
  reduce(bytes = 0, message IN messages | bytes + message.size) AS bytes,
  datetime({epochMillis: messages[0].at / 1000}) AS newest, messages[0].place AS place
ORDER BY messages DESC, source, reason
