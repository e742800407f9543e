// purpose: Names that were ever used with an object, and sources that ever took a roster.
// mode: read
// params: world
// returns: objected, rostered
MATCH (key:GtKey)
WHERE key.world = $world AND key.name >= ''
RETURN collect(DISTINCT CASE WHEN key.object <> '' THEN key.name END) AS objected,
  collect(DISTINCT CASE
    WHEN key.name = '@roster' AND key.layer = 'reported' AND key.object = ''
      AND key.record = split(key.record, ':')[0] + ':@roster'
    THEN split(key.record, ':')[0]
  END) AS rostered
