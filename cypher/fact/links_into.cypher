// purpose: The keys of relations and attributes whose far end is one of the records, ever.
// mode: read
// params: world, rows
// returns: keys
UNWIND $rows AS object
MATCH (link:GtLink {world: $world, object: object})
WHERE link.name <> '@entity'
RETURN collect(DISTINCT link.key) AS keys
