// purpose: An event is known once.
// mode: schema
// params: -
// returns: -
CREATE CONSTRAINT gt_event_id IF NOT EXISTS FOR (event:GtEvent) REQUIRE (event.world, event.id) IS UNIQUE
