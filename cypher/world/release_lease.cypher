// purpose: Give the world back, if it is still this holder's.
// mode: write
// params: world, holder, epoch
// returns: -
MATCH (world:GtWorld {id: $world})
SET world.lock = world.epoch
WITH world
WHERE world.epoch = $epoch AND world.lease_holder = $holder
SET world.lease_holder = null, world.lease_expires = null
