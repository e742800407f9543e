// purpose: A link is registered once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_link_key IF NOT EXISTS FOR (link:GtLink) REQUIRE (link.key, link.object) IS UNIQUE
