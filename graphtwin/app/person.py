"""A decision in somebody's name: who may, on what ground, signed and recorded, or only rehearsed (S20, S35)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphtwin.app.acting import acting, audit_of, signed
from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.app.evidence import Ground, read_ground
from graphtwin.errors import HeadMoved
from graphtwin.methods.audit.decisions import DECISION
from graphtwin.methods.matching.judgements import person_event
from graphtwin.methods.rules.strata import stratify
from graphtwin.methods.state.policy import OVERRIDE
from graphtwin.model.commit import AuditEntry, EventRecord
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import Fact
from graphtwin.model.instants import format_instant
from graphtwin.model.principal import Principal, Role
from graphtwin.ports import Store
from graphtwin.workflows.decide import Decided, Decision, Turn, decide, rehearse


@dataclass(frozen=True, slots=True)
class Given:
    """Who decides, on what ground and why, as they were given; `dry_run` only says what would change."""

    by: str | None = None
    evidence: str | None = None
    reason: str = ""
    dry_run: bool = False
    seen: int | None = None
    """The version that was looked at before: if another is the head now, HeadMoved is raised."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who decides, in a world as it is configured."""

    store: Store
    config: TwinConfig
    who: Principal
    ground: Ground | None
    reason: str

    @property
    def world(self) -> str:
        """The world's id."""
        return self.config.world.id

    def decision(self, turn: Turn, kind: str, said: Mapping[str, Any], facts: Sequence[Fact], about: str) -> Decision:
        """The facts, what is signed and recorded of them, and the event that tells it to who asks why. `about` is the
        record or entity that the event is of.
        """
        body = {
            "principal": self.who.id,
            **said,
            "reason": self.reason,
            "evidence": self.ground.said() if self.ground else None,
        }
        entry = signed(self.who, AuditEntry(kind, turn.at, turn.run, body))
        anchor = self.ground.ref if self.ground else f"tool:audit:{self.world}:{turn.run}"
        told = {**body, "role": self.who.role.value, "at": format_instant(turn.at)}
        event = EventRecord(person_event(turn.run), OVERRIDE, turn.now, DECISION, anchor, about, told)
        items = self.ground.item(event.id, OVERRIDE, turn.at) if self.ground else ()
        return Decision((entry,), facts=tuple(facts), events=(event,), evidence=items, told=body)


async def person_decides(
    store: Store,
    world: str,
    given: Given,
    make: Callable[[Person, Turn], Awaitable[Decision]],
    *,
    least: Role,
    prefix: str,
) -> Decided:
    """What `make` decides under the world's lock, with rules, audit and export. Raises NotFound for nobody, Refused for a
    role below `least`, UsageError for evidence that can't be kept.
    """
    config, clock = await store.configuration(world), SystemClock()
    who = await acting(store, world, given.by, least=least)
    ground = read_ground(given.evidence) if given.evidence is not None else None
    within = partial(_seen, given.seen, partial(make, Person(store, config, who, ground, given.reason)))
    run, rules = RandomIds(clock).new(prefix), stratify(config.rules)
    if given.dry_run:
        return await rehearse(store, config, within, clock=clock, run=run, rules=rules)
    return await decide(store, await audit_of(store, world), config, within, clock=clock, run=run, rules=rules)


async def _seen(seen: int | None, make: Callable[[Turn], Awaitable[Decision]], turn: Turn) -> Decision:
    if seen is not None and seen != turn.head.seq:
        raise HeadMoved(
            f"{turn.head.world} is at {turn.head.version} now, not at v{seen}.", hint="look again, then decide anew"
        )
    return await make(turn)
