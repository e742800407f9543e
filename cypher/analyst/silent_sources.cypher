// purpose: Who has fallen silent: sources that missed three readings in a row, by the world's own time, and what they hold.
// mode: read
// params: world
// returns: source, silent, last_spoke, silent_for, cadence, entities
// needed: the world's id
// :param world => 'third-floor'
MATCH (world:GtWorld {id: $world})
MATCH (configuration:GtConfiguration {world: $world, hash: world.configuration})
UNWIND [place IN range(0, size(configuration.sources) - 1)
  WHERE configuration.cadences[place] > 0 | [configuration.sources[place], configuration.cadences[place]]] AS one
WITH world, one[0] AS name, one[1] AS cadence
OPTIONAL MATCH (source:GtSource {world: $world, name: name})
WITH name, cadence, source.heard AS heard, world.valid - source.heard AS quiet
OPTIONAL MATCH (record:GtRecord {world: $world, source: name})
WHERE record.type IS NOT NULL AND record.lifecycle <> 'retired'
RETURN name AS source, coalesce(quiet > 3 * cadence, false) AS silent,
  CASE WHEN heard IS NOT NULL THEN datetime({epochMillis: heard / 1000}) END AS last_spoke,
  CASE WHEN heard IS NOT NULL THEN toString(duration({seconds: quiet / 1000000})) END AS silent_for,
  toString(duration({seconds: cadence / 1000000})) AS cadence, count(DISTINCT record.entity) AS entities
ORDER BY silent DESC, source
