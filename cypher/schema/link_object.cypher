// purpose: What points to a record, and who was ever an entity's.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_link_object IF NOT EXISTS FOR (link:GtLink) ON (link.world, link.object)
