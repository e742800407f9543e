"""Mutations about values and identity. Each makes the call of graphtwin.app that the command line makes."""

from __future__ import annotations

import strawberry

from graphtwin.api.asking import Asking, Info
from graphtwin.api.deciding.mutation_types import DecisionAnswer
from graphtwin.api.reading.difference_types import difference_of
from graphtwin.api.reading.scalars import Json
from graphtwin.app import claims, identity, identity_undo
from graphtwin.app.claims import ValueOf
from graphtwin.app.evidence import is_address
from graphtwin.app.person import Given
from graphtwin.errors import UsageError
from graphtwin.workflows.decide import Decided


@strawberry.input(description="On what ground, why, and on which version; as on the command line.")
class Ground:
    evidence: str | None = strawberry.field(
        default=None, description="The address of what it rests on; it is named in the record, and not fetched."
    )
    reason: str = ""
    dry_run: bool = strawberry.field(default=False, description="Only say what would change.")
    expected_version: str | None = strawberry.field(
        default=None, description="The newest version that you looked at; if another is it now, nothing is decided."
    )


@strawberry.type
class ClaimMutations:
    @strawberry.field(
        description="Say what a claim should have said. `value` is written as on the command line: 21.5, '70 degF', true. `at`"
        " means the claim that was in force then, `source` another one than the winner."
    )
    async def correct(
        self,
        info: Info,
        world: str,
        entity: str,
        variable: str,
        value: str,
        ground: Ground,
        at: str | None = None,
        source: str | None = None,
    ) -> DecisionAnswer:
        asking, about = info.context, ValueOf(world, entity, variable)
        given = await _given(asking, world, ground, needed=about)
        decided = await claims.correct_claim(asking.store, about, value, given, at=at, source=source)
        return await _answer(asking, world, decided, given)

    @strawberry.field(description="Say that a claim, or an override, was never made.")
    async def withdraw(
        self,
        info: Info,
        world: str,
        entity: str,
        variable: str,
        ground: Ground | None = None,
        at: str | None = None,
        source: str | None = None,
    ) -> DecisionAnswer:
        asking = info.context
        given = await _given(asking, world, ground)
        decided = await claims.withdraw_claim(
            asking.store, ValueOf(world, entity, variable), given, at=at, source=source
        )
        return await _answer(asking, world, decided, given)

    @strawberry.field(
        description="Set a value above all claims until it is withdrawn, or `until` an instant or for a duration such as 2h."
    )
    async def override(
        self, info: Info, world: str, entity: str, variable: str, value: str, ground: Ground, until: str | None = None
    ) -> DecisionAnswer:
        asking, about = info.context, ValueOf(world, entity, variable)
        given = await _given(asking, world, ground, needed=about)
        decided = await claims.override_claim(asking.store, about, value, given, until=until)
        return await _answer(asking, world, decided, given)

    @strawberry.field(
        description="Two entities are one thing, and always were. `force` goes over what speaks against it, with evidence."
    )
    async def merge(
        self,
        info: Info,
        world: str,
        one: str,
        other: str,
        ground: Ground | None = None,
        force: bool = False,
    ) -> DecisionAnswer:
        asking = info.context
        given = await _given(asking, world, ground)
        decided = await identity.merge_entities(asking.store, world, (one, other), given, force=force)
        return await _answer(asking, world, decided, given)

    @strawberry.field(description="Some records of an entity are another thing, and always were.")
    async def split(
        self, info: Info, world: str, entity: str, records: list[str], ground: Ground | None = None
    ) -> DecisionAnswer:
        asking = info.context
        given = await _given(asking, world, ground)
        decided = await identity.split_entity(asking.store, world, entity, records, given)
        return await _answer(asking, world, decided, given)

    @strawberry.field(description="Take a decision about identity back, by the number of its audit record, or its run.")
    async def undo_identity(
        self, info: Info, world: str, decision: str, ground: Ground | None = None
    ) -> DecisionAnswer:
        asking = info.context
        given = await _given(asking, world, ground)
        decided = await identity_undo.undo_identity(asking.store, world, decision, given)
        return await _answer(asking, world, decided, given)


async def _given(asking: Asking, world: str, ground: Ground | None, *, needed: ValueOf | None = None) -> Given:
    """Who decides and on what. A file of the server's machine is no evidence of who asks from elsewhere."""
    said = ground or Ground()
    if said.evidence is not None and not is_address(said.evidence):
        raise UsageError(
            "Evidence is given by its address here, such as https://desk.example/ticket/7.",
            hint="for a file, decide with the command line on the server",
        )
    if needed is not None and said.evidence is None:
        raise UsageError(f"A decision about {needed} needs evidence.", hint="give the address of what it rests on")
    seen = None if said.expected_version is None else await asking.seq(world, said.expected_version)
    return Given(asking.caller.named(world), said.evidence, said.reason, said.dry_run, seen)


async def _answer(asking: Asking, world: str, decided: Decided, given: Given) -> DecisionAnswer:
    return DecisionAnswer(
        status="rehearsed" if given.dry_run else "decided",
        run=decided.run,
        version=f"v{decided.commit.seq}" if decided.commit else (await asking.store.head(world)).version,
        decision=Json(decided.decision.told),
        changes=[difference_of(part) for part in decided.changes if not part.empty],
    )
