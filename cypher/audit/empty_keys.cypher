// purpose: Keys that the registry names wrongly: no fact uses them, or not under these parts.
// mode: read
// params: world, limit
// returns: keys
MATCH (key:GtKey)
WHERE key.world = $world AND key.name >= ''
WITH key
WHERE key.key <> key.world + '\u001f' + key.layer + '\u001f' + key.record + '\u001f' + key.name + '\u001f' + key.object
  OR NOT EXISTS {
    MATCH (fact:GtFact)
    WHERE fact.key = key.key AND fact.valid_from >= -9223372036854775808 AND fact.prio >= 0 AND fact.id >= ''
      AND fact.seq >= 0
  }
WITH replace(key.key, '\u001f', ' ') AS key
LIMIT $limit
RETURN collect(key) AS keys
