// purpose: The records of an entity.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_record_entity IF NOT EXISTS FOR (record:GtRecord) ON (record.world, record.entity)
