// A unit that cools although its zone is long too cold and nobody holds its valve open: the valve doesn't shut.
MATCH (unit:HvacController {world: $world})
WHERE unit.cooling_valve > 20
  AND coalesce(unit.cooling_override, -1) < 0
RETURN unit.id AS subject,
       'temperature' AS variable,
       '<' AS op,
       [unit.id, 'setpoint'] AS reference,
       1.5 AS margin
ORDER BY subject
