// purpose: The approvals of a plan.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_approval_plan IF NOT EXISTS FOR (approval:GtApproval) ON (approval.world, approval.plan)
