// A cooling valve that doesn't go where it is told: what it says of its position is far from its command.
MATCH (unit:HvacController {world: $world})
WHERE unit.cooling_valve IS NOT NULL
  AND unit.cooling_command IS NOT NULL
RETURN unit.id AS subject,
       'cooling_valve' AS variable,
       CASE WHEN unit.cooling_valve < unit.cooling_command THEN '<' ELSE '>' END AS op,
       [unit.id, 'cooling_command'] AS reference,
       15.0 AS margin
ORDER BY subject
