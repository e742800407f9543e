// An interlock: an air handler that would feed more than two units whose valves are held open.
MATCH (unit:HvacController {world: $world})-[:FED_BY]->(handler:AirHandler {world: $world})
WHERE unit.cooling_override >= 0
WITH handler, count(unit) AS held
WHERE held > 2
RETURN handler.id AS subject,
       toString(held) + ' units of ' + handler.id + ' would be held open' AS message
ORDER BY subject
