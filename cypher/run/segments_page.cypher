// purpose: The next page of a world's segments of evidence.
// mode: read
// params: world, after, limit
// returns: segments
MATCH (segment:GtSegment)
WHERE segment.world = $world AND segment.id > $after
WITH segment
ORDER BY segment.world, segment.id
LIMIT $limit
RETURN collect(segment {.id, .source, .bytes, .table}) AS segments
