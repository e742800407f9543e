// purpose: What segments of evidence say that they hold.
// mode: read
// params: world, rows
// returns: tables
UNWIND $rows AS id
MATCH (segment:GtSegment {world: $world, id: id})
RETURN collect(segment.table) AS tables
