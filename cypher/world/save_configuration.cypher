// purpose: Keep a configuration under its hash, and beside it what it says of sources, fields and relations, as lists.
// mode: write
// params: world, hash, json, lists
// returns: -
MERGE (configuration:GtConfiguration {world: $world, hash: $hash})
ON CREATE SET configuration.json = $json
SET configuration += $lists
