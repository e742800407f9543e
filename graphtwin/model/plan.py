"""Plans and what must be held before one may be carried out: policy's verdict, a restore point, a clearance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import InitVar, asdict, dataclass, field
from typing import Any, Final, Literal

from graphtwin.errors import GateClosed

_SEAL: Final = object()


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to an actuator for one act, with every placeholder filled in."""

    method: str
    path: str
    body: Any = None


@dataclass(frozen=True, slots=True)
class PlannedCriterion:
    """What must be seen after an act: CEL over the entity (`expect`) or a query that returns it (`cypher`), within µs of
    the world's clock (S32).
    """

    text: str
    within: int
    expect: str = ""
    cypher: str = ""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One thing to do: to watch (`monitor`), or a declared action on one entity.

    `answers` are the ids of the findings it is for, `effects` the values that it gives to the entity's variables, `before`
    the reported ones that it overwrites. With an `actuator` graphtwin can send `request`, and `compensation` to take it
    back (None where that can't be); without one a person runs `command`. `verification` and `rollback` say it in words.
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
    before: Mapping[str, Any] = field(default_factory=dict)
    actuator: str = ""
    request: Request | None = None
    compensation: Request | None = None
    requires: tuple[str, ...] = ()
    criteria: tuple[PlannedCriterion, ...] = ()
    verification: tuple[str, ...] = ()
    rollback: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What should be done about the findings, in order. `id` is a hash of world, steps and occasion: equal plans of one
    occasion have equal ids; a plan that was concluded and is needed again is another occasion of it.
    """

    id: str
    world: str
    summary: str
    steps: tuple[PlanStep, ...]
    risk: float
    cost: float
    occasion: int = 0

    @property
    def actions(self) -> tuple[PlanStep, ...]:
        """The steps that would change something."""
        return tuple(step for step in self.steps if step.kind == "action")

    @property
    def acts(self) -> tuple[PlanStep, ...]:
        """The actions that graphtwin itself can carry out."""
        return tuple(step for step in self.actions if step.actuator)

    @property
    def verification(self) -> tuple[str, ...]:
        """What must be seen afterwards, in the order of the steps, each once."""
        return tuple(dict.fromkeys(criterion for step in self.actions for criterion in step.verification))

    @property
    def digest(self) -> str:
        """The same for the same world and steps, whatever the occasion: `sha256:<hex>`."""
        return "sha256:" + _digest(self.world, self.steps)


def plan_id(world: str, steps: tuple[PlanStep, ...], occasion: int = 0) -> str:
    """`plan-` and 16 hex digits of the SHA-256 of world, steps and occasion."""
    return "plan-" + hashlib.sha256(f"{_digest(world, steps)}/{occasion}".encode()).hexdigest()[:16]


def _digest(world: str, steps: tuple[PlanStep, ...]) -> str:
    text = json.dumps([world, [asdict(step) for step in steps]], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as JSON, for storing and showing."""
    return json.loads(json.dumps(asdict(plan)))  # type: ignore[no-any-return]


def plan_from(document: Mapping[str, Any]) -> Plan:
    """The plan that `plan_document` wrote. Raises KeyError or TypeError for anything else."""
    steps = tuple(_step_from(step) for step in document["steps"])
    return Plan(**{**document, "steps": steps})


def _step_from(document: Mapping[str, Any]) -> PlanStep:
    asked, back = document["request"], document["compensation"]
    return PlanStep(
        **{
            **document,
            **{name: tuple(document[name]) for name in ("answers", "requires", "verification")},
            "request": Request(**asked) if asked else None,
            "compensation": Request(**back) if back else None,
            "criteria": tuple(PlannedCriterion(**one) for one in document["criteria"]),
        }
    )


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
    """A person's signed yes to exactly one plan, as it was checked: up to a risk ceiling and an instant (epoch µs of the
    machine's clock), on one basis. Only what methods/acting/approving.py has verified becomes one.
    """

    plan: str
    principal: str
    risk_ceiling: float
    expires: int
    basis: str
    nonce: str


Covers = Literal["act", "compensation"]


@dataclass(frozen=True, slots=True)
class Clearance:
    """The right to carry out one plan, or to compensate for what was done of it, once, from one restore point. Only
    `clear` and `clear_compensation` make one.
    """

    plan: Plan
    restore_point: RestorePoint
    approval: Approval | None
    covers: Covers
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
    basis: str,
    now: int,
) -> Clearance:
    """The clearance of a plan that policy allows, with a restore point, approved where approval is needed. An approval that
    was given binds also where none is needed by now: what was approved is older than what it overwrites.

    `now` is epoch µs of the machine's clock, `basis` the hash of what the plan overwrites as it is now. Raises GateClosed
    naming the first condition that isn't met: nothing can be carried out without.
    """
    if compliance is None or compliance.plan != plan.id:
        raise GateClosed(f"Plan {plan.id} wasn't checked against policy", hint="run constrain on this very plan")
    if not compliance.compliant:
        raise GateClosed(f"Policy refuses plan {plan.id}: {'; '.join(compliance.violations) or 'not compliant'}")
    if restore_point is None or restore_point.world != plan.world:
        raise GateClosed(f"Plan {plan.id} has no restore point in world {plan.world}", hint="run checkpoint first")
    if compliance.needs_approval or approval is not None:
        _check_approval(plan, compliance, approval, basis, now)
    return Clearance(plan, restore_point, approval, "act", _SEAL)


def clear_compensation(plan: Plan, restore_point: RestorePoint | None, done: Collection[int]) -> Clearance:
    """The clearance to make up for the steps that went out (`done`, by place): what was allowed and approved was the plan
    with its way back. Raises GateClosed without a restore point, and for a plan of which nothing went out.
    """
    if restore_point is None or restore_point.world != plan.world:
        raise GateClosed(
            f"Plan {plan.id} has no restore point in world {plan.world}", hint="look at graphtwin run list"
        )
    if not done or not all(0 <= place < len(plan.steps) for place in done):
        raise GateClosed(f"Nothing of plan {plan.id} went out, so there is nothing to make up for")
    return Clearance(plan, restore_point, None, "compensation", _SEAL)


def _check_approval(plan: Plan, compliance: Compliance, approval: Approval | None, basis: str, now: int) -> None:
    if approval is None or approval.plan != plan.id:
        raise GateClosed(
            f"Plan {plan.id} needs a person's approval",
            hint=f"look at it with: graphtwin plan show {plan.id}; then: graphtwin plan approve {plan.id}",
        )
    if not approval.expires > now:
        raise GateClosed(f"The approval of plan {plan.id} by {approval.principal} has expired", hint="ask again")
    if not compliance.risk <= approval.risk_ceiling:
        raise GateClosed(
            f"Plan {plan.id} now stands at risk {compliance.risk:.2f}, approved up to {approval.risk_ceiling:.2f}",
            hint="ask again with the present risk",
        )
    if approval.basis != basis:
        raise GateClosed(
            f"What plan {plan.id} would overwrite isn't what {approval.principal} approved any more",
            hint="look at the plan as it is now, and ask again",
        )
