// purpose: The acts of a world since an instant, in the order of time.
// mode: read
// params: world, since
// returns: acts
MATCH (act:GtAct)
WHERE act.world = $world AND act.at >= $since
WITH act
ORDER BY act.at, act.id
RETURN collect([
    act.id, act.plan, act.run, act.place, act.covers, act.entity, act.action, act.actuator, act.request, act.effects,
    act.epoch, act.not_after, act.at, act.outcome, act.answered_at, act.answer
  ]) AS acts
