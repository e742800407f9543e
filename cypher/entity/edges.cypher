// purpose: Every relationship of the present: [subject, TYPE, object, properties].
// mode: read
// params: world
// returns: edges
MATCH (subject:Entity)-[edge]->(object)
WHERE subject.world = $world AND subject.id >= ''
RETURN collect([subject.id, type(edge), object.id, properties(edge)]) AS edges
