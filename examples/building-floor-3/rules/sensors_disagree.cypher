// A sensor that differs from the return air of the unit that controls its zone.
MATCH (sensor:TemperatureSensor {world: $world})-[:LOCATED_IN]->(zone:Zone {world: $world})
MATCH (zone)<-[:CONTROLS]-(unit:HvacController {world: $world})
WHERE sensor.reading IS NOT NULL
  AND unit.temperature IS NOT NULL
RETURN sensor.id AS subject,
       'reading' AS variable,
       CASE WHEN sensor.reading < unit.temperature THEN '<' ELSE '>' END AS op,
       [unit.id, 'temperature'] AS reference,
       1.2 AS margin
ORDER BY subject
