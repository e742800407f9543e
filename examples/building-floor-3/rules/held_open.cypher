// A cooling valve that is still held open by hand or program although its zone is no longer too warm.
MATCH (unit:HvacController {world: $world})
WHERE unit.cooling_override > 0
  AND unit.temperature <= unit.setpoint
RETURN unit.id AS subject,
       {message: unit.id + ' is held open at ' + toString(unit.cooling_override) + ' % and is down to '
                 + toString(unit.temperature) + ' °C'} AS finding,
       [[unit.id, 'cooling_override'], [unit.id, 'temperature'], [unit.id, 'setpoint']] AS premises
ORDER BY subject
