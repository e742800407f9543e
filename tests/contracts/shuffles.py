"""The same claims in another order, in other batches, some of them twice: what that leaves in a store (S9)."""

from __future__ import annotations

import random
from uuid import uuid4

from contracts.operations import Operations
from contracts.scene import DAY, NOON, Scene, belongs, decide

from graphtwin.model.fact import BEGIN, ENTITY, Fact
from graphtwin.model.state import At, State
from graphtwin.ports import Store


def spoken(seed: int, count: int) -> list[Fact]:
    """Claims of every kind: values, relations, existence, ends, rosters; all dated before NOON + a day."""
    stream = Operations(seed, "any")
    said = list(stream.first().drafts[0].facts)
    empty = State(At(NOON, 0), {}, {})
    makers = (stream._claims, stream._relations, stream._existence, stream._roster, stream._planned, stream._ends)
    while len(said) < count:
        stream.now += 60_000_000
        make = stream.chance.choices(makers, weights=(10, 5, 1, 1, 1, 2))[0]
        said += [fact for draft in make(said, empty) for fact in draft.facts]
    assert all(fact.valid_from < NOON + DAY for fact in said)
    return [fact for fact in said if not fact.is_decision]


async def told(store: Store, facts: list[Fact], seed: int) -> str:
    """The hash that a new world has after hearing the facts in an order drawn from the seed, one in ten twice."""
    chance = random.Random(seed)
    heard = [*facts, *chance.sample(facts, len(facts) // 10)]
    chance.shuffle(heard)
    scene = await Scene.make(store, f"shuffle-{seed}-{uuid4().hex[:8]}")
    while heard:
        size = chance.randrange(1, max(2, len(facts) // 4))
        batch, heard = heard[:size], heard[size:]
        await scene.write(*batch, now=NOON + DAY)
    assert (await store.verify(scene.world)).problems == ()
    return await scene.hash()


async def merged_and_unmerged(store: Store, seed: int, instants: int) -> tuple[list[State], list[State], list[str]]:
    """The states at random instants before a merge and after its undo (with At made equal), and the hashes of the
    versions before, between and after.
    """
    chance = random.Random(seed)
    scene = await Scene.make(store, f"unmerge-{seed}-{uuid4().hex[:8]}")
    facts = spoken(seed, 60)
    for start in range(0, len(facts), 20):
        await scene.write(*facts[start : start + 20], now=NOON + DAY)
    first = await store.head(scene.world)
    moments = [chance.choice((BEGIN, NOON + chance.randrange(-120, 1500) * 60_000_000)) for _ in range(instants)]
    before = [await scene.state(At(valid, first.seq)) for valid in moments]
    one, other = chance.sample(sorted((await scene.state()).entities), 2)
    await scene.write(belongs(other, one, event="merge"), belongs(one, one, event="named"))
    middle = await store.head(scene.world)
    await scene.write(*(decide(record, ENTITY, None, BEGIN, op="withdraw", event="undo") for record in (one, other)))
    last = await store.head(scene.world)
    after = [await scene.state(At(valid, last.seq)) for valid in moments]
    again = [await scene.state(At(valid, first.seq)) for valid in moments]
    assert again == before
    return before, after, [first.hash, middle.hash, last.hash]


def timeless(states: list[State]) -> list[object]:
    """The states without the version they were read at."""
    return [(state.at.valid, state.entities, state.edges, state.loose) for state in states]
