// purpose: Say that a plan is still being carried out by who began it.
// mode: write
// params: world, plan, holder, until
// returns: held
MATCH (plan:GtPlan {world: $world, id: $plan})
WHERE plan.status = 'executing' AND plan.holder = $holder
SET plan.alive_until = $until
RETURN plan.id AS held
