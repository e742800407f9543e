"""What is kept about acting, in memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from graphtwin.errors import NotFound
from graphtwin.model.acting import ActRecord, Freeze, Kept, PlanRecord, SignedApproval


@dataclass
class Acting:
    """The plans, approvals, acts and freeze of one world."""

    plans: dict[str, PlanRecord] = field(default_factory=dict)
    approvals: dict[str, SignedApproval] = field(default_factory=dict)
    acts: dict[str, ActRecord] = field(default_factory=dict)
    freeze: Freeze | None = None

    def keep(self, kept: Kept) -> None:
        """Take in what a transaction kept."""
        self.plans.update({one.id: one for one in kept.plans})
        for approval in kept.approvals:
            self.approvals.setdefault(approval.nonce, approval)
        self.acts.update({one.id: one for one in kept.acts})
        if kept.freeze is not None:
            self.freeze = kept.freeze if kept.freeze.by else None

    def plans_in(self, statuses: Collection[str], limit: int) -> tuple[PlanRecord, ...]:
        """Newest first."""
        found = [one for one in self.plans.values() if not statuses or one.status in statuses]
        return tuple(sorted(found, key=lambda one: (-one.created_at, one.id))[:limit])

    def plan(self, world: str, plan: str) -> PlanRecord:
        """Raises NotFound."""
        if plan not in self.plans:
            raise NotFound(
                f"The world {world} has no plan {plan}.", hint=f"graphtwin plan list {world} shows what there is"
            )
        return self.plans[plan]

    def plans_like(self, digest: str) -> tuple[PlanRecord, ...]:
        """By occasion."""
        found = [one for one in self.plans.values() if one.plan.digest == digest]
        return tuple(sorted(found, key=lambda one: one.plan.occasion))

    def approvals_of(self, plan: str) -> tuple[SignedApproval, ...]:
        """Oldest first."""
        found = [one for one in self.approvals.values() if one.plan == plan]
        return tuple(sorted(found, key=lambda one: (one.at, one.nonce)))

    def acts_of(self, plan: str | None, since: int | None) -> tuple[ActRecord, ...]:
        """In the order of time."""
        found = [one for one in self.acts.values() if plan in (None, one.plan) and (since is None or one.at >= since)]
        return tuple(sorted(found, key=lambda one: (one.at, one.id)))

    def still_carrying(self, plan: str, holder: str, until: int) -> bool:
        """False where the plan isn't executing, or is another's."""
        held = self.plans.get(plan)
        if held is None or held.status != "executing" or held.holder != holder:
            return False
        self.plans[plan] = replace(held, alive_until=until)
        return True
