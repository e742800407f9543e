"""What is asked of an actuator, of the gateway before it, and of what keeps plans and acts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from graphtwin.model.acting import ActRecord, Freeze, Outcome, PlanRecord, SignedApproval
from graphtwin.model.plan import Clearance, Request


@dataclass(frozen=True, slots=True)
class Command:
    """One act as it goes out: `key` makes it one act however often it arrives; nothing sends it after `not_after` (epoch
    µs of the machine's clock).
    """

    key: str
    actuator: str
    request: Request
    not_after: int


@dataclass(frozen=True, slots=True)
class ActAnswer:
    """What came of sending a command: done, refused (it had no effect), unknown (it may have had), or not_sent; `text` is
    the other side's answer or the reason, without secrets, at most 500 characters.
    """

    outcome: Outcome
    text: str


class Actuator(Protocol):
    """A door to the outside. It sends a command at most once, never retries, and never raises for what the other side does."""

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        ...

    async def send(self, command: Command) -> ActAnswer:
        """Send it. No connection at all is not_sent; no answer, or one that leaves it open, is unknown."""
        ...


class Gateway(Protocol):
    """The one door that every side effect goes through (S30)."""

    async def send(self, clearance: Clearance, act: ActRecord) -> ActAnswer:
        """Send an act whose intent is committed. Raises GateClosed for a clearance that doesn't cover exactly this act, or
        that was used for it before; too late is not_sent.
        """
        ...


class ActJournal(Protocol):
    """Writes down what is about to be done before it is, and what came of it after (S30)."""

    async def intend(self, clearance: Clearance, place: int) -> ActRecord:
        """Commit the intent of one step, with what it wants in the desired layer, under the world's lock. Raises
        GateClosed, and then nothing may be sent: frozen, intended before, the world moved, the audit log can't be written.
        """
        ...

    async def conclude(self, intent: ActRecord, answer: ActAnswer) -> ActRecord:
        """Keep the outcome. When even that can't be written the intent stands without one, and counts as unknown."""
        ...


class PlanReads(Protocol):
    """Plans, approvals, acts and the freeze of a world."""

    async def plans(self, world: str, *, statuses: Collection[str] = (), limit: int = 100) -> tuple[PlanRecord, ...]:
        """Plans in one of the statuses (of all, where none is named), newest first by `created_at`, then by id."""
        ...

    async def plan(self, world: str, plan: str) -> PlanRecord:
        """One plan. Raises NotFound."""
        ...

    async def plans_like(self, world: str, digest: str) -> tuple[PlanRecord, ...]:
        """Every occasion of a plan with these steps, by occasion."""
        ...

    async def approvals(self, world: str, plan: str) -> tuple[SignedApproval, ...]:
        """The approvals of a plan, oldest first, then by nonce."""
        ...

    async def acts(self, world: str, *, plan: str | None = None, since: int | None = None) -> tuple[ActRecord, ...]:
        """Acts, of one plan or since an instant of the world's clock where asked for, by (at, id)."""
        ...

    async def freeze(self, world: str) -> Freeze | None:
        """The freeze that is in force. Raises NotFound for an unknown world."""
        ...

    async def still_carrying(self, world: str, plan: str, *, holder: str, until: int) -> bool:
        """Renew the sign of life of who carries out a plan, to the instant `until` (the machine's clock); False where the
        plan isn't executing, or is another's.
        """
        ...
