// purpose: The audit chain has one record of a number.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_audit_n IF NOT EXISTS FOR (record:GtAudit) REQUIRE (record.world, record.n) IS UNIQUE
