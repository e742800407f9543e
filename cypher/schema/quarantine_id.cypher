// purpose: A quarantined message is kept once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_quarantine_id IF NOT EXISTS FOR (message:GtQuarantine) REQUIRE (message.world, message.id) IS UNIQUE
