// purpose: Keep a configuration under its hash.
// mode: write
// params: world, hash, json
// returns: -
MERGE (configuration:GtConfiguration {world: $world, hash: $hash})
ON CREATE SET configuration.json = $json
