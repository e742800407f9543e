// purpose: The next page of a world's keys, in the order of the keys.
// mode: read
// params: after, until, limit
// returns: keys
MATCH (key:GtKey)
WHERE key.key > $after AND key.key < $until
WITH key
ORDER BY key.key
LIMIT $limit
RETURN collect(key.key) AS keys
