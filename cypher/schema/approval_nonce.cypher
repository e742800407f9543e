// purpose: An approval is kept once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_approval_nonce IF NOT EXISTS FOR (approval:GtApproval) REQUIRE (approval.world, approval.nonce) IS UNIQUE
