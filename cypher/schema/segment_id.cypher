// purpose: A segment of evidence is kept once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_segment_id IF NOT EXISTS FOR (segment:GtSegment) REQUIRE (segment.world, segment.id) IS UNIQUE
