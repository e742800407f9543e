// purpose: Every configuration that a world ever had: [hash, json].
// mode: read
// params: world
// returns: configurations
MATCH (configuration:GtConfiguration)
WHERE configuration.world = $world AND configuration.hash >= ''
RETURN collect([configuration.hash, configuration.json]) AS configurations
