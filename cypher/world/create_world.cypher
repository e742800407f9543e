// purpose: The empty world with its version 0, unless it is there already.
// mode: write
// params: world, valid, hash, accumulator, version_id, configuration, configuration_json, lists, committed_at
// returns: -
MERGE (world:GtWorld {id: $world})
ON CREATE SET world.seq = 0, world.valid = $valid, world.hash = $hash, world.accumulator = $accumulator,
  world.version_id = $version_id, world.configuration = $configuration, world.committed_at = $committed_at,
  world.issue = 0, world.audit_n = 0, world.audit_hash = '', world.epoch = 0, world.objected = [],
  world.rostered = []
WITH world
WHERE world.seq = 0
MERGE (commit:GtCommit {world: $world, seq: 0})
ON CREATE SET commit.key = '', commit.run = '', commit.valid = $valid, commit.committed_at = $committed_at,
  commit.hash = $hash, commit.version_id = $version_id, commit.parent_version_id = '',
  commit.configuration = $configuration, commit.facts = 0
MERGE (configuration:GtConfiguration {world: $world, hash: $configuration})
ON CREATE SET configuration.json = $configuration_json
SET configuration += $lists
