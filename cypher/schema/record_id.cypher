// purpose: A record is registered once in a world.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_record_id IF NOT EXISTS FOR (record:GtRecord) REQUIRE (record.world, record.id) IS UNIQUE
