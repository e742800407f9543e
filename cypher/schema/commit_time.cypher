// purpose: The version at an instant of the wall clock.
// mode: schema
// params: -
// returns: -
CREATE RANGE INDEX gt_commit_time IF NOT EXISTS FOR (commit:GtCommit) ON (commit.world, commit.committed_at)
