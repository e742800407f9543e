"""What is kept about acting: plans and how far they came, approvals, acts with their outcomes, and the freeze (S28 to S31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from graphtwin.model.plan import Covers, Plan, Request

PlanStatus = Literal[
    "proposed", "waiting", "approved", "rejected", "refused", "executing", "executed", "rolled_back", "stale", "failed"
]
OPEN: Final = frozenset({"proposed", "waiting", "approved", "refused", "executing"})
"""Plans that aren't concluded: the same steps made again are the same plan."""

Outcome = Literal["intended", "done", "refused", "unknown", "not_sent"]
WENT_OUT: Final = frozenset({"intended", "done", "unknown"})
"""Outcomes after which the act may have had an effect. An intent without an outcome may have been sent (S30)."""


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan as the store keeps it; times are epoch µs of the world's clock.

    `basis` is the hash of what the plan overwrites (S28), `version` the base version it was made on, `evidence` the ids of
    the facts that its findings rested on, `reason` why it is where it is. While it is `executing`, `run` carries it out
    in the process named by `holder`, which says before `alive_until` (the machine's clock) that it still does.
    """

    plan: Plan
    status: PlanStatus
    basis: str
    configuration: str
    risk: float
    needs_approval: bool
    version: str
    author: str
    created_at: int
    updated_at: int
    run: str
    evidence: tuple[str, ...] = ()
    reason: str = ""
    restore_point: str = ""
    holder: str = ""
    alive_until: int = 0

    @property
    def id(self) -> str:
        """The plan's id."""
        return self.plan.id


@dataclass(frozen=True, slots=True)
class SignedApproval:
    """What a person signed: `document` is what was approved, word for word; `signature` is base64. `at` in epoch µs."""

    plan: str
    principal: str
    document: Mapping[str, Any]
    signature: str
    at: int

    @property
    def nonce(self) -> str:
        """Makes this approval this one and no other."""
        return str(self.document.get("nonce", ""))


@dataclass(frozen=True, slots=True)
class ActRecord:
    """One act: the intent as it was committed before anything was sent, and its outcome once that is known.

    `id` is the idempotency key that the actuator gets. `not_after` is the instant of the machine's clock (epoch µs) after
    which the gateway doesn't send it any more; `epoch` that of the lease it was committed under. `at` and `answered_at` are
    of the world's clock.
    """

    id: str
    plan: str
    run: str
    place: int
    covers: Covers
    entity: str
    action: str
    actuator: str
    request: Request
    effects: Mapping[str, Any]
    epoch: int
    not_after: int
    at: int
    outcome: Outcome = "intended"
    answered_at: int | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Freeze:
    """Nothing acts in a frozen world until a person lifts it; `at` in epoch µs."""

    by: str
    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a transaction keeps about acting beside facts; a record with a known id takes the place of the older one.

    `freeze` is None to leave it as it is; a Freeze without `by` lifts it.
    """

    plans: tuple[PlanRecord, ...] = ()
    approvals: tuple[SignedApproval, ...] = ()
    acts: tuple[ActRecord, ...] = ()
    freeze: Freeze | None = None
