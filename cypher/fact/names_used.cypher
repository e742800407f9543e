// purpose: Those of the [name, with an object] that any fact was ever said under.
// mode: read
// params: world, rows
// returns: used
UNWIND $rows AS row
WITH row
WHERE EXISTS {
  MATCH (key:GtKey {world: $world, name: row[0]})
  WHERE (key.object <> '') = row[1]
}
RETURN collect(row) AS used
