// A zone needs the unit that controls it.
MATCH (unit:HvacController {world: $world})-[:CONTROLS]->(zone:Zone {world: $world})
WITH zone, unit
ORDER BY unit.id
WITH zone, head(collect(unit)) AS unit
RETURN zone.id AS subject,
       [['conditioned_by', unit.id]] AS edges,
       [[unit.id, 'CONTROLS']] AS premises
ORDER BY subject
