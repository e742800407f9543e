"""What persons decide about a value: correct a claim, withdraw it, override it (S6, S11, S35)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from graphtwin.app.acting import acting
from graphtwin.app.person import Given, Person, person_decides
from graphtwin.app.spoken import spoken_end, spoken_instant, spoken_value
from graphtwin.errors import NotFound, UsageError
from graphtwin.methods.audit.decisions import CLAIM
from graphtwin.methods.audit.decisions import OVERRIDE as OVERRIDING
from graphtwin.methods.matching.entity_ids import MODEL
from graphtwin.methods.matching.judgements import person_event
from graphtwin.methods.rules.derivation import SOURCE as RULE
from graphtwin.methods.state.person_claims import corrected, override_record, overriding, withdrawn, without_override
from graphtwin.methods.state.policy import OVERRIDE
from graphtwin.model.fact import TYPE, Fact
from graphtwin.model.principal import Role
from graphtwin.model.state import At
from graphtwin.ports import Claimed, Store
from graphtwin.workflows.decide import Decided, Decision, Turn

_ALL: Final = 100_000
"""Facts of one value that are looked through for what an override said."""


@dataclass(frozen=True, slots=True)
class ValueOf:
    """A variable of an entity of a world."""

    world: str
    entity: str
    name: str

    def __str__(self) -> str:
        return f"{self.entity}.{self.name}"


@dataclass(frozen=True, slots=True)
class _Case:
    """A decision about a value of an entity of type `kind`, while it is being made."""

    person: Person
    about: ValueOf
    kind: str

    @property
    def store(self) -> Store:
        return self.person.store

    def decision(self, turn: Turn, kind: str, said: dict[str, Any], facts: Sequence[Fact]) -> Decision:
        what = {"entity": self.about.entity, "variable": self.about.name, **said}
        return self.person.decision(turn, kind, what, facts, facts[0].record)


async def correct_claim(
    store: Store, about: ValueOf, value: str, given: Given, *, at: str | None = None, source: str | None = None
) -> Decided:
    """The claim in force at an instant (RFC 3339; the head's by default) says `value` instead: its cell is overwritten.
    `source` names one where several make the value together. Raises NotFound, UsageError, Refused.
    """

    async def make(case: _Case, turn: Turn) -> Decision:
        claim = await _claim(case, turn, at, source)
        if claim.source == OVERRIDE:
            raise UsageError(
                f"{about} is overridden.", hint="override it anew, or name whose claim is to be corrected with --source"
            )
        told, unit = spoken_value(case.person.config, case.kind, about.name, value)
        fact = corrected(claim, told, unit, event=person_event(turn.run), run=turn.run)
        return case.decision(turn, CLAIM, {"action": "correct", "value": told, "unit": unit, **_cell(claim)}, [fact])

    return await _decide(store, about, given, make, least=Role.OPERATOR)


async def withdraw_claim(
    store: Store, about: ValueOf, given: Given, *, at: str | None = None, source: str | None = None
) -> Decided:
    """The claim in force was never said. An override goes with all that it says of later; who may make one may do that."""

    async def make(case: _Case, turn: Turn) -> Decision:
        claim = await _claim(case, turn, at, source)
        if claim.source == OVERRIDE:
            return await _without_overrides(case, turn)
        fact = withdrawn(claim, event=person_event(turn.run), run=turn.run)
        return case.decision(turn, CLAIM, {"action": "withdraw", **_cell(claim)}, [fact])

    return await _decide(store, about, given, make, least=Role.OPERATOR)


async def override_claim(
    store: Store, about: ValueOf, value: str, given: Given, *, until: str | None = None
) -> Decided:
    """The value is this, whatever is claimed, until the override is withdrawn or `until` (an instant or a duration) comes."""

    async def make(case: _Case, turn: Turn) -> Decision:
        told, unit = spoken_value(case.person.config, case.kind, about.name, value)
        ends = spoken_end(case.person.config, until, turn.now) if until is not None else None
        record = override_record(case.about.entity, about.name)
        facts = overriding(
            case.about.entity, case.kind, about.name, told, unit, said=await _said(case, record), since=turn.now, until=ends,
            event=person_event(turn.run), run=turn.run,
        )  # fmt: skip
        said = {"value": told, "unit": unit, "record": record, "valid_from": turn.now, "until": ends}
        return case.decision(turn, OVERRIDING, {"action": "override", **said}, facts)

    return await _decide(store, about, given, make, least=Role.APPROVER)


async def _decide(
    store: Store,
    about: ValueOf,
    given: Given,
    make: Callable[[_Case, Turn], Awaitable[Decision]],
    *,
    least: Role,
) -> Decided:
    async def within(person: Person, turn: Turn) -> Decision:
        found = await store.entity(about.world, about.entity)
        if found is None:
            raise NotFound(
                f"The world {about.world} has no entity {about.entity!r}.",
                hint=f"see: graphtwin snapshot {about.world}",
            )
        return await make(_Case(person, ValueOf(about.world, found[0].id, about.name), found[0].type), turn)

    return await person_decides(store, about.world, given, within, least=least, prefix="claim")


async def _without_overrides(case: _Case, turn: Turn) -> Decision:
    """All overrides of the value that are in force: after a merge there may be several."""
    await acting(case.store, case.about.world, case.person.who.id, least=Role.APPROVER)
    claims = await _claims(case, turn.head.valid, turn.head.seq)
    records = sorted({one.fact.record for one in claims if one.fact.source == OVERRIDE})
    facts = [
        fact
        for record in records
        for fact in without_override(
            await _said(case, record), at=turn.head.valid, event=person_event(turn.run), run=turn.run
        )
    ]
    return case.decision(turn, OVERRIDING, {"action": "withdraw", "records": records}, facts)


def _cell(claim: Fact) -> dict[str, Any]:
    """Which cell is decided on, and what it said."""
    return {
        "record": claim.record,
        "source": claim.source,
        "valid_from": claim.valid_from,
        "fact": claim.id,
        "before": claim.value,
    }


async def _claims(case: _Case, valid: int, seq: int) -> list[Claimed]:
    claims = await case.store.claims(case.about.world, case.about.entity, case.about.name, At(valid, seq))
    return [one for one in claims if one.fact.layer == "reported"]


async def _claim(case: _Case, turn: Turn, at: str | None, source: str | None) -> Fact:
    """The reported claim that wins at the instant, or the best one of a source. Raises NotFound, UsageError."""
    claims = await _claims(case, spoken_instant(at) if at else turn.head.valid, turn.head.seq)
    if not claims:
        raise NotFound(
            f"Nothing is claimed of {case.about}{f' at {at}' if at else ''}.",
            hint=f"see what was ever said: graphtwin history {case.about.world} {case.about}",
        )
    chosen = [one.fact for one in claims if (one.wins if source is None else one.fact.source == source)]
    known = ", ".join(sorted({one.fact.source for one in claims}))
    if not chosen:
        raise NotFound(f"{source} claims nothing of {case.about}.", hint=f"who does: {known}")
    if source is None and len(chosen) > 1:
        raise UsageError(f"Several claims make {case.about} together ({known}).", hint="name one with --source")
    _must_be_of_a_source(case.about, chosen[0])
    return chosen[0]


def _must_be_of_a_source(about: ValueOf, claim: Fact) -> None:
    """Raise UsageError for what would be said again: by a rule, or by the model."""
    if claim.source == RULE:
        rule = claim.record.removeprefix(f"{RULE}:").partition("/")[0]
        raise UsageError(
            f"{about} is derived by the rule {rule}, and would be derived again.",
            hint=f"decide on what it rests on (graphtwin why {about.world} {about}), or override it",
        )
    if claim.source == MODEL:
        raise UsageError(f"{about} is said by twin.yaml.", hint="change it there, then: graphtwin apply TWIN.yaml")


async def _said(case: _Case, record: str) -> list[Fact]:
    """All that was ever said on the record of an override: of the value, and of its being there."""
    found: list[Fact] = []
    for name in (case.about.name, TYPE):
        facts = await case.store.history(case.about.world, case.about.entity, name, limit=_ALL)
        found += [fact for fact in facts if fact.record == record]
    return found
