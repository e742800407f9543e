"""Plans and what must be held before one may be carried out: policy's verdict, a restore point, a clearance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import InitVar, asdict, dataclass, field
from typing import Any, Final, Literal

from graphtwin.errors import GateClosed

_SEAL: Final = object()


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One thing to do: to watch (`monitor`), or a declared action on one entity as a proposal to a person.

    `answers` are the ids of the findings it is for, `effects` the predicted values of the entity's variables,
    `rollback` how it would be taken back, `command` what a person would run ("" where there is nothing to run).
    """

    kind: Literal["monitor", "action"]
    action: str
    title: str
    entity: str
    answers: tuple[str, ...]
    command: str = ""
    cost: float = 0.0
    risk: float = 0.0
    reversible: Literal["reversible", "compensable", "irreversible"] = "reversible"
    effects: Mapping[str, Any] = field(default_factory=dict)
    verification: tuple[str, ...] = ()
    rollback: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What should be done about the findings, in order. `id` is a hash of world and steps: equal plans, equal ids."""

    id: str
    world: str
    summary: str
    steps: tuple[PlanStep, ...]
    risk: float
    cost: float

    @property
    def actions(self) -> tuple[PlanStep, ...]:
        """The steps that would change something."""
        return tuple(step for step in self.steps if step.kind == "action")

    @property
    def verification(self) -> tuple[str, ...]:
        """What must be seen afterwards, in the order of the steps, each once."""
        return tuple(dict.fromkeys(criterion for step in self.actions for criterion in step.verification))


def plan_id(world: str, steps: tuple[PlanStep, ...]) -> str:
    """`plan-` and 16 hex digits of the SHA-256 of world and steps."""
    text = json.dumps([world, [asdict(step) for step in steps]], sort_keys=True, separators=(",", ":"))
    return "plan-" + hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition on the way to acting, and whether it let the plan pass."""

    name: str
    passed: bool
    message: str


@dataclass(frozen=True, slots=True)
class Compliance:
    """Policy's verdict on exactly one plan: whether it may be carried out at all, and whether only once approved.

    `risk` is max(current, forecast, plan) as it was compared (S26).
    """

    plan: str
    compliant: bool
    needs_approval: bool
    risk: float
    violations: tuple[str, ...]
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class RestorePoint:
    """The version of a world to come back to: `name` is `v<seq>`, `taken_at` epoch µs of its valid time."""

    world: str
    name: str
    seq: int
    hash: str
    version_id: str
    configuration: str
    taken_at: int
    run: str


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes to exactly one plan, up to a risk ceiling and an instant (epoch µs)."""

    plan: str
    principal: str
    risk_ceiling: float
    expires: int


@dataclass(frozen=True, slots=True)
class Clearance:
    """The right to carry out one plan, once, from one restore point. Only `clear` makes one."""

    plan: Plan
    restore_point: RestorePoint
    approval: Approval | None
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise GateClosed(
                f"Plan {self.plan.id} has no clearance of policy and checkpoint",
                hint="a clearance comes from clear(), which asks for both",
            )


def clear(
    plan: Plan,
    compliance: Compliance | None,
    restore_point: RestorePoint | None,
    approval: Approval | None,
    *,
    now: int,
) -> Clearance:
    """The clearance of a plan that policy allows, with a restore point, approved where approval is needed.

    `now` is epoch µs. Raises GateClosed naming the first condition that isn't met: nothing can be carried out without.
    """
    if compliance is None or compliance.plan != plan.id:
        raise GateClosed(f"Plan {plan.id} wasn't checked against policy", hint="run constrain on this very plan")
    if not compliance.compliant:
        raise GateClosed(f"Policy refuses plan {plan.id}: {'; '.join(compliance.violations) or 'not compliant'}")
    if restore_point is None or restore_point.world != plan.world:
        raise GateClosed(f"Plan {plan.id} has no restore point in world {plan.world}", hint="run checkpoint first")
    if compliance.needs_approval:
        _check_approval(plan, compliance, approval, now)
    return Clearance(plan, restore_point, approval, _SEAL)


def _check_approval(plan: Plan, compliance: Compliance, approval: Approval | None, now: int) -> None:
    if approval is None or approval.plan != plan.id:
        raise GateClosed(f"Plan {plan.id} needs a person's approval", hint="show it to somebody who may decide")
    if not approval.expires > now:
        raise GateClosed(f"The approval of plan {plan.id} by {approval.principal} has expired", hint="ask again")
    if not compliance.risk <= approval.risk_ceiling:
        raise GateClosed(
            f"Plan {plan.id} now stands at risk {compliance.risk:.2f}, approved up to {approval.risk_ceiling:.2f}",
            hint="ask again with the present risk",
        )
