// purpose: The keys under a name.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_key_name IF NOT EXISTS FOR (key:GtKey) ON (key.world, key.name)
