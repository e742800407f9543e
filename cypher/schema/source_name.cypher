// purpose: What was heard of a source is kept once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_source_name IF NOT EXISTS FOR (source:GtSource) REQUIRE (source.world, source.name) IS UNIQUE
