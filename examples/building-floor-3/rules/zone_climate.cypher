// A zone's temperature is the mean of the sensors in it; its air and its people are those that are counted there.
MATCH (zone:Zone {world: $world})
OPTIONAL MATCH (zone)<-[:LOCATED_IN]-(thermometer:TemperatureSensor {world: $world})
WHERE thermometer.reading IS NOT NULL
WITH zone, thermometer
ORDER BY thermometer.id
WITH zone, collect(thermometer) AS thermometers
OPTIONAL MATCH (zone)<-[:LOCATED_IN]-(air:Co2Sensor {world: $world})
WHERE air.co2 IS NOT NULL
WITH zone, thermometers, air
ORDER BY air.id
WITH zone, thermometers, collect(air) AS airs
OPTIONAL MATCH (zone)<-[:LOCATED_IN]-(counter:PeopleCounter {world: $world})
WHERE counter.people IS NOT NULL
WITH zone, thermometers, airs, counter
ORDER BY counter.id
WITH zone, thermometers, airs, collect(counter) AS counters
WHERE size(thermometers) + size(airs) + size(counters) > 0
RETURN zone.id AS subject,
       {temperature: CASE WHEN size(thermometers) > 0 THEN
          round(reduce(sum = 0.0, one IN thermometers | sum + one.reading) / size(thermometers), 2) END,
        co2: CASE WHEN size(airs) > 0 THEN head(airs).co2 END,
        people: CASE WHEN size(counters) > 0 THEN head(counters).people END} AS set,
       [one IN thermometers | [one.id, 'reading']]
         + [one IN thermometers | [one.id, 'LOCATED_IN']]
         + [one IN airs | [one.id, 'co2']]
         + [one IN counters | [one.id, 'people']] AS premises
ORDER BY subject
