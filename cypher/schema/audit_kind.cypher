// purpose: The links of the audit chain of a kind: who is a principal, what persons decided of identity.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_audit_kind IF NOT EXISTS FOR (record:GtAudit) ON (record.world, record.kind, record.n)
