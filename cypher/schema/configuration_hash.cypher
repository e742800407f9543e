// purpose: A configuration is kept once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_configuration_hash IF NOT EXISTS FOR (configuration:GtConfiguration) REQUIRE (configuration.world, configuration.hash) IS UNIQUE
