// purpose: Configurations of all worlds that say nothing in lists yet: [world, hash, json].
// mode: read
// params: -
// returns: configurations
MATCH (configuration:GtConfiguration)
WHERE configuration.fields IS NULL
RETURN collect([configuration.world, configuration.hash, configuration.json]) AS configurations
