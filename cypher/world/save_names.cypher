// purpose: Remember which names were used with objects, and which sources take rosters.
// mode: write
// params: world, objected, rostered
// returns: -
MATCH (world:GtWorld {id: $world})
SET world.objected = $objected, world.rostered = $rostered
