// purpose: A key is registered once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_key_key IF NOT EXISTS FOR (key:GtKey) REQUIRE key.key IS UNIQUE
