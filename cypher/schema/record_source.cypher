// purpose: The records of a source.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_record_source IF NOT EXISTS FOR (record:GtRecord) ON (record.world, record.source)
