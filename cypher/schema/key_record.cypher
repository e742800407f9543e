// purpose: The keys of a record, by name.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_key_record IF NOT EXISTS FOR (key:GtKey) ON (key.world, key.record, key.name)
