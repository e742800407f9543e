// purpose: Take the world with a new epoch, unless another holder's lease still runs; answers the holder it has then.
// mode: write
// params: world, holder, now, expires
// returns: holder, epoch, expires
MATCH (world:GtWorld {id: $world})
SET world.lock = world.epoch
WITH world, world.lease_holder IS NULL OR world.lease_holder = $holder OR world.lease_expires <= $now AS free
SET world.epoch = CASE WHEN free THEN world.epoch + 1 ELSE world.epoch END,
  world.lease_holder = CASE WHEN free THEN $holder ELSE world.lease_holder END,
  world.lease_expires = CASE WHEN free THEN $expires ELSE world.lease_expires END
RETURN world.lease_holder AS holder, world.epoch AS epoch, world.lease_expires AS expires
