// purpose: The newest quarantined messages.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_quarantine_at IF NOT EXISTS FOR (message:GtQuarantine) ON (message.world, message.at)
