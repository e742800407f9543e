"""A small world for tests of stores: its configuration, short ways to say things, and a writer that holds its lease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graphtwin.model.commit import Changes, Commit, Draft, Lease, RuleRow, RuleText
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import BEGIN, ENTITY, ROSTER, TYPE, Fact, claim, decision, roster_record
from graphtwin.model.state import At, EntityState, State
from graphtwin.ports import Store
from graphtwin.store.memory.transaction import MemoryRule

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
NOON = 1_700_000_000 * SECOND
"""The instant at which the tests' worlds begin."""

TTL = 60 * MINUTE


class SteppingClock:
    """A clock that moves on by a millisecond whenever it is read, so that two readings are never one."""

    def __init__(self, start: int = NOON) -> None:
        self._now = start

    def now(self) -> int:
        self._now += 1000
        return self._now


def twin(world: str, **changes: Any) -> TwinConfig:
    """Sensors, controllers and zones, seen by sources of different trust; `changes` are merged into the top level."""
    declared: dict[str, Any] = {
        "world": {"id": world},
        "sources": {
            "bus": {"type": "file", "path": "bus.jsonl", "trust": "hardware_sensor"},
            "book": {"type": "file", "path": "book.csv", "trust": "system_of_record", "roster": True},
            "notes": {"type": "file", "path": "notes.csv", "trust": "human_note"},
            "plans": {"type": "file", "path": "plans.csv", "trust": "system_of_record", "plans": True},
        },
        "types": {
            "sensor": {
                "is_a": "sensor",
                "variables": {
                    "reading": {"unit": "Cel", "half_life": "1h"},
                    "mode": {"datatype": "string"},
                    "serial": {"datatype": "string", "attribute": True, "authority": ["book", "bus"]},
                    "level": {"strategy": "merge_with_uncertainty"},
                    "setting": {"datatype": "object"},
                },
            },
            "controller": {"is_a": "asset", "variables": {"setpoint": {"unit": "Cel"}}},
            "zone": {"is_a": "location", "variables": {"area": {"unit": "m2", "attribute": True}}},
        },
        "relations": {
            "located_in": {"functional": True},
            "depends_on": {"dependency": True, "attributes": {"since": {"datatype": "string"}, "load": {}}},
        },
    }
    return TwinConfig.model_validate(declared | changes)


def say(
    record: str,
    name: str,
    value: Any = None,
    at: int = NOON,
    *,
    source: str | None = None,
    event: str | None = None,
    **more: Any,
) -> Fact:
    """A claim; its source is the record's prefix, its event follows from everything said."""
    said = f"{record}/{name}/{value!r}/{at}/{source}/{sorted(more.items())}"
    return claim(
        record=record,
        name=name,
        value=value,
        valid_from=at,
        source=source or record.partition(":")[0],
        event=event or said,
        **more,
    )


def decide(record: str, name: str, value: Any = None, at: int = NOON, *, event: str, **more: Any) -> Fact:
    """A decision."""
    return decision(record=record, name=name, value=value, valid_from=at, event=event, **more)


def born(record: str, kind: str = "sensor", at: int = BEGIN, **more: Any) -> Fact:
    """The record exists."""
    return say(record, TYPE, kind, at, **more)


def belongs(record: str, entity: str, *, event: str, at: int = BEGIN, **more: Any) -> Fact:
    """The decision that a record is (part of) an entity."""
    return decide(record, ENTITY, entity, at, event=event, **more)


def located(record: str, place: str, at: int = NOON, **more: Any) -> Fact:
    """A functional relation: the object's record is the value."""
    return say(record, "located_in", place, at, **more)


def depends(record: str, other: str, value: bool | None = True, at: int = NOON, **more: Any) -> Fact:
    """A many-valued relation: the object's record is in the key."""
    return say(record, "depends_on", value, at, object=other, **more)


def roster(source: str, members: Sequence[str], at: int) -> Fact:
    """One complete reading: the local ids that the source named."""
    return say(roster_record(source), ROSTER, sorted(members), at)


@dataclass
class Scene:
    """One world in one store, and its writer."""

    store: Store
    world: str
    config: TwinConfig
    now: int = NOON
    lease: Lease | None = None
    commits: list[Commit | None] = field(default_factory=list)
    next_key: str = ""
    _keys: int = 0

    @classmethod
    async def make(cls, store: Store, world: str, **changes: Any) -> Scene:
        config = twin(world, **changes)
        await store.create_world(config, NOON)
        scene = cls(store, world, config)
        scene.lease = await store.acquire(world, "writer", ttl=TTL)
        return scene

    async def write(self, *facts: Fact, **draft: Any) -> Changes:
        """One write in one commit; the world's clock moves to `now` where it is given."""
        self.now = draft.pop("now", self.now)
        assert self.lease is not None
        async with self.store.begin(self.lease) as transaction:
            changes = await transaction.write(Draft(now=self.now, facts=facts, **draft))
            self._keys += 1
            key, self.next_key = self.next_key or f"key-{self._keys}", ""
            self.commits.append(await transaction.commit(key, f"run-{self._keys}"))
        return changes

    @property
    def last(self) -> Commit | None:
        """What the last write made."""
        return self.commits[-1]

    async def state(self, at: At | None = None) -> State:
        return await self.store.state(self.world, at)

    async def seen(self, entity: str, at: At | None = None) -> EntityState:
        """The entity, which must exist."""
        found = await self.store.entity(self.world, entity, at)
        assert found is not None, f"{entity} doesn't exist"
        return found[0]

    async def value(self, entity: str, name: str, at: At | None = None) -> Any:
        """The reported value, None where there is none."""
        held = (await self.seen(entity, at)).reported.get(name)
        return held.value if held else None

    async def edges(self, at: At | None = None) -> set[tuple[str, str, str]]:
        """The reported edges."""
        state = await self.state(at)
        return {key[1:] for key in state.edges if key[0] == "reported"}

    async def at_head(self, valid: int) -> At:
        return At(valid, (await self.store.head(self.world)).seq)

    async def hash(self) -> str:
        return (await self.store.head(self.world)).hash


HOT = RuleText(
    id="hot",
    cypher="""
        MATCH (sensor:Sensor {world: $world})
        WHERE sensor.reading > 30
        RETURN sensor.id AS subject,
               {mode: 'alarm'} AS set,
               {message: 'too hot', severity: 'high'} AS finding,
               [[sensor.id, 'reading']] AS premises
        ORDER BY subject
    """,
    severity="high",
    description="A sensor that reads more than 30 is in alarm.",
    stratum=0,
)


def hot_rows(present: State, _now: int) -> list[RuleRow]:
    """What HOT returns, in Python."""
    return [
        RuleRow(
            "hot", one.id, {"mode": "alarm"}, (), {"message": "too hot", "severity": "high"}, ((one.id, "reading"),)
        )
        for one in present.entities.values()
        if one.type == "sensor" and "reading" in one.reported and one.reported["reading"].value > 30
    ]


ABOVE = RuleText(
    id="above",
    cypher="""
        MATCH (sensor:Sensor {world: $world})
        WHERE sensor.reading > 30
        RETURN sensor.id AS subject, sensor.reading AS reading, [sensor.mode] AS modes, sensor.reading_at.epochSeconds AS since
    """,
    kind="query",
)
NOBODY = RuleText("nobody", "MATCH (sensor:Sensor {world: $world}) RETURN sensor.nothing AS subject", kind="query")
UNSAYABLE = RuleText(
    "unsayable", "MATCH (sensor:Sensor {world: $world}) RETURN sensor.id AS subject, 0.0 / 0.0 AS share", kind="query"
)


def above_rows(present: State, _now: int) -> list[dict[str, Any]]:
    """What ABOVE returns, in Python, out of order."""
    rows = [
        {
            "subject": one.id,
            "reading": one.reported["reading"].value,
            "modes": [one.reported["mode"].value if "mode" in one.reported else None],
            "since": one.reported["reading"].valid_from // SECOND,
        }
        for one in present.entities.values()
        if one.type == "sensor" and "reading" in one.reported and one.reported["reading"].value > 30
    ]
    return rows[::-1]


STAND_INS: dict[str, MemoryRule] = {
    "hot": hot_rows,
    "above": above_rows,
    "nobody": lambda present, _now: [{"subject": None} for _ in present.entities],
    "unsayable": lambda present, _now: [{"subject": one, "share": float("nan")} for one in present.entities],
}
"""The Python stand-ins that a store in memory takes for the rules above."""
