"""The state of RDF's benchmark is whole: every value has its claim, every end of a relation is there."""

from __future__ import annotations

from contracts.scene import SteppingClock

from graphtwin.methods.benchmarks.bench_readings import FIRST, VARIABLES
from graphtwin.methods.benchmarks.bench_state import bench_drafts, bench_portions, bench_world
from graphtwin.model.durations import HOUR
from graphtwin.store.memory import MemoryStore


def test_each_sensor_has_its_readings_a_wish_and_a_neighbour_and_each_its_claim() -> None:
    portions = list(bench_portions(120))

    entities = {one.id: one for portion in portions for one in portion.entities}
    edges = [edge for portion in portions for edge in portion.edges]
    claims = {name: claim for portion in portions for name, claim in portion.claims.items()}
    assert len(entities) == len(edges) == 120
    assert all(set(one.reported) == set(VARIABLES) and set(one.desired) == {"temperature"} for one in entities.values())
    assert {edge.subject for edge in edges} == {edge.object for edge in edges} == entities.keys()
    held = [held for one in entities.values() for held in (*one.reported.values(), *one.desired.values())]
    assert {one.fact for one in (*held, *(edge.held for edge in edges))} == claims.keys()
    assert len(claims) == 120 * (len(VARIABLES) + 2)


async def test_its_commits_make_the_same_state() -> None:
    store = MemoryStore(SteppingClock())
    await store.create_world(bench_world("w"), FIRST)
    lease = await store.acquire("w", "test", ttl=HOUR)
    for number, draft in enumerate(bench_drafts(60)):
        async with store.begin(lease) as transaction:
            await transaction.write(draft)
            await transaction.commit(f"{number}", "test")

    state = await store.state("w")

    values = {(one.id.rpartition("/")[2], name): held.value for portion in bench_portions(60) for one in portion.entities
              for name, held in one.reported.items()}  # fmt: skip
    assert values == {
        (one.id.partition(":")[2], name): held.value
        for one in state.entities.values()
        for name, held in one.reported.items()
    }
    assert all(set(one.desired) == {"temperature"} for one in state.entities.values())
    assert len(state.edges) == 60


def test_the_same_state_comes_each_time() -> None:
    assert list(bench_portions(60)) == list(bench_portions(60))
