"""What can be asked about why a value is what it is, down to raw bytes. Each root reads its selection once."""

from __future__ import annotations

import strawberry

from graphtwin.api import limits
from graphtwin.api.asking import Info
from graphtwin.api.reading.evidence_types import (
    Event,
    Evidence,
    Fact,
    Origin,
    QuarantinedMessage,
    ValueLineage,
    Why,
    claim_of,
    event_of,
    evidence_of,
    fact_of,
    quarantined_of,
)
from graphtwin.api.reading.scalars import Instant
from graphtwin.api.reading.state_types import Layer
from graphtwin.api.reading.world_types import at_of
from graphtwin.errors import UsageError

_ORIGINS = 100
"""Winning claims that one lineage follows down to raw bytes."""


@strawberry.type
class EvidenceRoots:
    @strawberry.field(
        description="Every claim in force about a variable or relation of an entity, and why each won or lost."
    )
    async def why(
        self,
        info: Info,
        world: str,
        entity: str,
        variable: str,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        version: str | None = None,
    ) -> Why:
        at = await info.context.at(world, as_of, known_at, version)
        claims = await info.context.store.claims(world, entity, variable, at)
        return Why(at=at_of(at), entity=entity, variable=variable, claims=[claim_of(one) for one in claims])

    @strawberry.field(description="From a value to its winning claims, their events and the raw bytes they came from.")
    async def value_lineage(
        self,
        info: Info,
        world: str,
        entity: str,
        variable: str,
        as_of: Instant | None = None,
        known_at: Instant | None = None,
        version: str | None = None,
    ) -> ValueLineage:
        store = info.context.store
        at = await info.context.at(world, as_of, known_at, version)
        winners = [one for one in await store.claims(world, entity, variable, at) if one.wins]
        names = sorted({one.fact.event for one in winners})
        if len(names) > _ORIGINS:
            raise UsageError(
                f"{variable} of {entity} rests on {len(names)} events; one answer follows at most {_ORIGINS}.",
                hint="ask why, and evidence for one event at a time",
            )
        events = {one.id: event_of(one) for one in await store.events(world, names)}
        raw = {item.event: evidence_of(item) for item in await store.evidence_of(world, names)}
        return ValueLineage(
            at=at_of(at),
            entity=entity,
            variable=variable,
            origins=[
                Origin(claim=claim_of(one), event=events.get(one.fact.event), evidence=raw.get(one.fact.event))
                for one in winners
            ],
        )

    @strawberry.field(
        description="Everything that was ever said about a variable in a layer (reported, if none is given), greatest valid"
        " time first."
    )
    async def history(
        self, info: Info, world: str, entity: str, variable: str, layer: Layer | None = None, first: int = 50
    ) -> list[Fact]:
        asking = info.context
        size = limits.page(first, asking.limits)
        facts = await asking.store.history(world, entity, variable, layer=(layer or Layer.REPORTED).word, limit=size)
        return [fact_of(fact) for fact in facts]

    @strawberry.field(description="Canonical events by id; those that aren't known are left out.")
    async def events(self, info: Info, world: str, ids: list[str]) -> list[Event]:
        limits.page(max(1, len(ids)), info.context.limits)
        return [event_of(one) for one in await info.context.store.events(world, ids)]

    @strawberry.field(description="The raw bytes of an event, checked against their SHA-256.")
    async def evidence(self, info: Info, world: str, event: str) -> Evidence | None:
        found = await info.context.store.evidence(world, event)
        return evidence_of(found) if found else None

    @strawberry.field(description="Messages that weren't taken, newest first.")
    async def quarantine(
        self, info: Info, world: str, source: str | None = None, first: int = 50
    ) -> list[QuarantinedMessage]:
        asking = info.context
        size = limits.page(first, asking.limits)
        return [quarantined_of(one) for one in await asking.store.quarantined(world, source=source, limit=size)]
