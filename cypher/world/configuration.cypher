// purpose: The configuration in force at a version.
// mode: read
// params: world, seq
// returns: json
MATCH (commit:GtCommit {world: $world, seq: $seq})
MATCH (configuration:GtConfiguration {world: $world, hash: commit.configuration})
RETURN configuration.json AS json
