// purpose: A version is made once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_commit_seq IF NOT EXISTS FOR (commit:GtCommit) REQUIRE (commit.world, commit.seq) IS UNIQUE
