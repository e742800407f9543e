// An interlock: a unit whose cooling valve would be held open while its heating valve is.
MATCH (unit:HvacController {world: $world})
WHERE unit.cooling_override > 5
  AND unit.heating_valve > 5
RETURN unit.id AS subject,
       'the heating valve of ' + unit.id + ' is open' AS message
ORDER BY subject
