"""A world of sensors for benchmarks, each with five readings, a wish and a neighbour: as a state, and as what makes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from graphtwin.methods.benchmarks.bench_readings import FIRST, SOURCE, UNITS, VARIABLES, bench_twin, reading_of
from graphtwin.model.commit import Draft, EventRecord
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import SECOND
from graphtwin.model.fact import BEGIN, TYPE, Fact, claim
from graphtwin.model.state import Edge, EntityState, Held
from graphtwin.ports import Portion

_PORTION: Final = 50
_COMMIT: Final = 1_000
_RELATION: Final = "connected_to"


def bench_world(world: str) -> TwinConfig:
    """The configuration of the world."""
    return TwinConfig.model_validate({**bench_twin(world), "relations": {_RELATION: {}}})


def bench_portions(entities: int) -> Iterator[Portion]:
    """The whole state in portions: per sensor five readings, one wished value, and a relation to the next sensor."""
    for start in range(0, entities, _PORTION):
        here: list[EntityState] = []
        edges: list[Edge] = []
        claims: dict[str, Fact] = {}
        for number in range(start, min(start + _PORTION, entities)):
            said = [one._replace(seq=1) for one in _claims(number, (number + 1) % entities)]
            claims |= {one.id: one for one in said}
            *readings, wish, relation = said
            reported = {one.name: _held(one) for one in readings}
            here.append(
                EntityState(_entity(number), "sensor", "active", (_record(number),), reported, {wish.name: _held(wish)})
            )
            held = replace(_held(relation), value=relation.object)
            edges.append(Edge("reported", _entity(number), relation.name, _entity((number + 1) % entities), held))
        yield Portion(tuple(here), tuple(edges), claims)


def bench_drafts(entities: int) -> Iterator[Draft]:
    """Commits that together make the same world, each small enough for one transaction."""
    for start in range(0, entities, _COMMIT):
        numbers = range(start, min(start + _COMMIT, entities))
        births = (
            claim(record=_record(one), name=TYPE, value="sensor", valid_from=BEGIN, source=SOURCE, event=_event(one))
            for one in numbers
        )
        said = (fact for one in numbers for fact in _claims(one, (one + 1) % entities))
        events = (
            EventRecord(
                _event(one), SOURCE, FIRST + one * SECOND, "observation", f"file:readings.jsonl:{one}", _record(one), {}
            )
            for one in numbers
        )
        yield Draft(FIRST + numbers[-1] * SECOND, (*births, *said), tuple(events))


def _claims(number: int, neighbour: int) -> list[Fact]:
    """What the sensor's one message said: its readings, the wish, the relation."""
    common: dict[str, Any] = {
        "record": _record(number), "valid_from": FIRST + number * SECOND, "source": SOURCE, "evidence": "segment",
        "event": _event(number), "run": "bench",
    }  # fmt: skip
    said = [
        claim(name=name, value=reading_of(0, number, place), unit=UNITS[name], **common)
        for place, name in enumerate(VARIABLES)
    ]
    said.append(claim(name="temperature", value=20.0, unit="Cel", layer="desired", **common))
    said.append(claim(name=_RELATION, value=True, object=_record(neighbour), **common))
    return said


def _event(number: int) -> str:
    return sha256(f"event-{number}".encode()).hexdigest()[:32]


def _held(fact: Fact) -> Held:
    return Held(
        fact.value, fact.unit, fact.valid_from, fact.observed_at, fact.confidence, fact.kind, fact.source, fact.record,
        fact.id,
    )  # fmt: skip


def _record(number: int) -> str:
    return f"{SOURCE}:s{number:05d}"


def _entity(number: int) -> str:
    return f"sensor:local/s{number:05d}"
