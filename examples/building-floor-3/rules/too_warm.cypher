// A unit whose return air is more than 1.5 °C above its setpoint.
MATCH (unit:HvacController {world: $world})
RETURN unit.id AS subject,
       'temperature' AS variable,
       '>' AS op,
       [unit.id, 'setpoint'] AS reference,
       1.5 AS margin
ORDER BY subject
