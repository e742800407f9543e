"""A decision about identity that is taken back leaves the world as if it had never been made, whatever came between (S13)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from contracts.merges_contract import Registry
from contracts.scene import MINUTE, NOON, SteppingClock, born, depends, say
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphtwin.app.identity import identity_decisions
from graphtwin.app.people import add_user
from graphtwin.errors import Refused
from graphtwin.model.fact import BEGIN, Fact
from graphtwin.model.state import At
from graphtwin.store.memory import MemoryStore

INSTANTS = (BEGIN, *(NOON + minute * MINUTE for minute in range(-1, 9)))

Message = list[Fact]


def life(chance: random.Random) -> list[Message]:
    """What sources say, minute by minute, of few things whose ids and tags meet in every way."""
    return [_minute(chance, minute) for minute in range(chance.randint(2, 6))]


def _minute(chance: random.Random, minute: int) -> Message:
    said: Message = []
    tags: dict[str, str] = {}
    for number in range(chance.randint(1, 4)):
        source = chance.choice(("bus", "book", "notes", "plans"))
        record, at, event = f"{source}:{chance.choice('abc')}", NOON + minute * MINUTE, f"{minute}-{number}"
        said += [
            born(record, event=f"t{event}"),
            say(record, "reading", chance.randint(0, 9), at, event=f"r{event}"),
        ]
        if chance.random() < 0.4:
            tag = tags.setdefault(record, chance.choice("xy"))
            said.append(say(record, "tag", tag, at, event=f"g{event}"))
        if chance.random() < 0.3:
            said.append(depends(record, f"{source}:{chance.choice('abc')}", at=at, event=f"d{event}"))
    return said


async def world() -> Registry:
    registry = Registry(MemoryStore(SteppingClock()), "plant")
    await registry.store.create_world(registry.config, NOON)
    return registry


async def seen(registry: Registry) -> list[Any]:
    """The world at every instant as it is known now, without who said it when."""
    head = await registry.store.head(registry.world)
    states = [await registry.store.state(registry.world, At(at, head.seq)) for at in (*INSTANTS, head.valid)]
    return [
        (
            {
                name: (one.type, one.records, {value: held.value for value, held in one.reported.items()})
                for name, one in state.entities.items()
            },
            sorted(state.edges),
            sorted((one.subject, one.relation, one.object_record) for one in state.loose),
        )
        for state in states
    ]


async def decide(registry: Registry, chance: random.Random) -> int | None:
    """A split of an entity that can be split, or a merge of two; its number, None where it is refused or none can be."""
    held = await registry.entities()
    several = sorted(name for name, records in held.items() if len(records) > 1)
    try:
        if several and (chance.random() < 0.5 or len(held) == 1):
            records = held[entity := chance.choice(several)]
            await registry.split(entity, *chance.sample(records, chance.randint(1, len(records) - 1)))
        elif len(held) > 1:
            await registry.merge(*chance.sample(sorted(held), 2))
        else:
            return None
    except Refused:
        return None
    return await registry.last()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the audit log and the keys lie; one for all worlds of a test, so it is emptied for each."""
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def lived(folder: Path, seed: int, *, decisions: Sequence[int]) -> tuple[list[Any], list[Any]]:
    """Two worlds that hear the same: one in which decisions were made (one of the given numbers a minute) and all taken back
    in any order, and one in which nobody decided anything.
    """
    (folder / "audit" / "plant.jsonl").unlink(missing_ok=True)
    chance = random.Random(seed)
    calm, moved = await world(), await world()
    numbers: list[int] = []
    for minute, said in enumerate(life(chance)):
        for registry in (calm, moved):
            await registry.hear(*said)
        if minute == 0:
            await add_user(moved.store, moved.world, "alice", role="operator", public_key=None, by=None)
        for _ in range(chance.choice(decisions)):
            if numbers and chance.random() < 0.35:
                await moved.undo(numbers.pop(chance.randrange(len(numbers))))
            elif number := await decide(moved, chance):
                numbers.append(number)
    chance.shuffle(numbers)
    for number in numbers:
        await moved.undo(number)
    return await seen(moved), await seen(calm)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
async def test_a_decision_taken_back_was_never_made(folder: Path, seed: int):
    moved, calm = await lived(folder, seed, decisions=(0, 0, 1))

    assert moved == calm


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
async def test_decisions_upon_decisions_taken_back_in_any_order_were_never_made(folder: Path, seed: int):
    moved, calm = await lived(folder, seed, decisions=(0, 1, 1, 2))

    assert moved == calm


@pytest.mark.nightly
@pytest.mark.timeout(1_200)
async def test_a_thousand_lives_in_which_all_was_taken_back_were_as_if_nobody_had_decided(folder: Path):
    for seed in range(1_000):
        moved, calm = await lived(folder, seed, decisions=(0, 1, 1, 2))
        assert moved == calm, f"seed {seed}"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
async def test_what_a_person_said_of_two_records_holds_through_every_later_sync(folder: Path, seed: int):
    (folder / "audit" / "plant.jsonl").unlink(missing_ok=True)
    chance = random.Random(seed)
    registry = await world()
    said = life(chance)
    await registry.hear(*said[0])
    await add_user(registry.store, registry.world, "alice", role="operator", public_key=None, by=None)
    number = await decide(registry, chance)

    for message in said[1:]:
        await registry.hear(*message)

    made = [one for one in await identity_decisions(registry.store, registry.world) if one.n == number]
    entity_of = {record: name for name, records in (await registry.entities()).items() for record in records}
    for one in made:
        pairs = [(entity_of[left], entity_of[right]) for left in one.groups[0] for right in one.groups[1]]
        assert all((left == right) == (one.action == "merge") for left, right in pairs)
