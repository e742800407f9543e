// purpose: A source has one cursor.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_cursor_source IF NOT EXISTS FOR (cursor:GtCursor) REQUIRE (cursor.world, cursor.source) IS UNIQUE
