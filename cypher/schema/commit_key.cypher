// purpose: An idempotency key makes one version.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_commit_key IF NOT EXISTS FOR (commit:GtCommit) REQUIRE (commit.world, commit.key) IS UNIQUE
