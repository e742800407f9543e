"""What a change of state makes of the graph that analysts see, and of the running hash."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

from contracts.operations import Operations
from contracts.scene import NOON, SteppingClock, twin

from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.state_hash import EMPTY, add, state_items
from graphtwin.model.fact import BEGIN
from graphtwin.model.state import At, Edge, EntityState, Held, State
from graphtwin.store.memory import MemoryStore
from graphtwin.store.neo4j.item_delta import item_delta, moved_hash
from graphtwin.store.neo4j.present import PresentChange, Projection, patched_extra

AT = At(NOON, 1)
POLICY = Policy(twin("w"))


def held(value: Any, *, at: int = NOON, record: str = "bus:1", unit: str = "") -> Held:
    return Held(value, unit, at, at, 1.0, "observation", "bus", record, "f")


def sensor(**reported: Any) -> EntityState:
    return EntityState("s", "sensor", "active", ("bus:1",), {name: held(value) for name, value in reported.items()})


def state(*entities: EntityState, edges: tuple[Edge, ...] = ()) -> State:
    return State(AT, {one.id: one for one in entities}, {edge.key: edge for edge in edges})


def change(before: State, after: State) -> PresentChange:
    return Projection(POLICY).change(before, after)


def test_a_new_entity_gets_its_label_its_declared_values_and_their_instants():
    made = change(state(), state(sensor(reading=20.5, odd=1, setting={"a": 1})))

    [[ident, labels, properties, instants]] = made.created
    assert (ident, labels) == ("s", ["Sensor"])
    assert properties.pop("extra") == json.dumps({"reported": {"odd": 1, "setting": {"a": 1}}})
    assert properties == {
        "type": "sensor", "status": "active", "labels": [], "aliases": ["bus:1"], "reading": 20.5,
    }  # fmt: skip
    assert instants == [["reading_at", NOON // 1_000_000, 0]]


def test_layers_stand_beside_each_other():
    one = EntityState(
        "s", "controller", "active", ("bus:1",), {"setpoint": held(21)}, {"setpoint": held(22)}, {"setpoint": held(23)}
    )

    [[_, _, properties, _]] = change(state(), state(one)).created

    assert [properties[name] for name in ("setpoint", "setpoint_desired", "setpoint_expected")] == [21, 22, 23]


def test_what_held_from_the_beginning_has_no_instant():
    one = EntityState("s", "sensor", "active", ("bus:1",), {"reading": held(1, at=BEGIN)})

    [[_, _, properties, instants]] = change(state(), state(one)).created

    assert properties["reading"] == 1
    assert instants == []


def test_an_undeclared_type_has_no_label_and_all_in_extra():
    one = EntityState("s", "robot", "active", ("bus:1",), {"reading": held(1)})

    [[_, labels, properties, _]] = change(state(), state(one)).created

    assert labels == []
    assert json.loads(properties["extra"]) == {"reported": {"reading": 1}}


def test_only_what_differs_is_written():
    made = change(state(sensor(reading=1, mode="a")), state(sensor(reading=2, mode="a")))

    assert made.changed == [["s", {"reading": 2}, [["reading_at", NOON // 1_000_000, 0]]]]
    assert (made.created, made.removed, made.extras) == ([], [], {})


def test_a_value_that_is_gone_is_taken_away_with_its_instant():
    made = change(state(sensor(reading=1)), state(sensor()))

    assert made.changed == [["s", {"reading": None, "reading_at": None}, []]]


def test_a_value_that_no_property_can_hold_moves_to_extra():
    made = change(state(sensor(reading=1)), state(sensor(reading=[1, 2])))

    assert made.changed == [["s", {"reading": None, "reading_at": None}, []]]
    assert patched_extra(None, made.extras["s"]) == '{"reported": {"reading": [1, 2]}}'
    assert patched_extra('{"reported": {"reading": [1, 2]}}', {"reported": {"reading": None}}) is None


def test_true_and_1_are_two_values():
    made = change(state(sensor(level=1)), state(sensor(level=True)))

    assert made.changed[0][1] == {"level": True}
    assert item_delta(state(sensor(level=1)), state(sensor(level=True))) != ([], [])


def test_an_incoming_status_shows_and_is_in_no_extra():
    [[_, _, properties, _]] = change(state(), state(sensor(status="on fire", id="x", labels=["a", "b"]))).created

    assert (properties["status"], properties["labels"]) == ("on fire", ["a", "b"])
    assert "extra" not in properties


def test_a_change_of_type_writes_the_entity_anew():
    one = EntityState("s", "zone", "active", ("bus:1",), {"area": held(5)})

    [[ident, old, new, properties, _]] = change(state(sensor(reading=1)), state(one)).replaced

    assert (ident, old, new, properties["area"]) == ("s", ["Sensor"], ["Zone"], 5)


def test_edges_of_the_reported_layer_are_drawn_redrawn_and_erased():
    plain = Edge("reported", "s", "depends_on", "t", held("bus:2"))
    since = Edge("reported", "s", "depends_on", "t", held("bus:2"), {"since": held("May"), "load": held([1])})
    wish = Edge("desired", "s", "depends_on", "u", held("bus:3"))

    drawn = change(state(), state(edges=(plain, wish)))
    redrawn = change(state(edges=(plain,)), state(edges=(since,)))
    erased = change(state(edges=(since,)), state())

    assert drawn.drawn == [["s", "DEPENDS_ON", "t", {}]]
    assert redrawn.redrawn == [["s", "DEPENDS_ON", "t", {"since": "May", "extra": '{"load": [1]}'}]]
    assert erased.erased == [["s", "DEPENDS_ON", "t"]]


def test_an_attribute_that_is_not_declared_stands_in_extra_whatever_it_is_called():
    attributes = {"since": held("May"), "world": held("other"), "extra": held("x"), "sneaky": held(7)}

    [[_, _, _, properties]] = change(
        state(), state(edges=(Edge("reported", "s", "depends_on", "t", held("bus:2"), attributes),))
    ).drawn

    assert properties == {"since": "May", "extra": '{"extra": "x", "sneaky": 7, "world": "other"}'}


async def test_the_running_hash_of_random_histories_is_the_full_hash_s21():
    store, stream = MemoryStore(SteppingClock()), Operations(7, "w")
    await store.create_world(twin("w"), NOON)
    lease = await store.acquire("w", "test", ttl=10**12)
    before, running = await store.state("w"), EMPTY

    for number in range(60):
        facts = list(store._worlds["w"].facts)
        operation = stream.next(facts, before) if number else stream.first()
        async with store.begin(lease) as transaction:
            for draft in operation.drafts:
                await transaction.write(draft)
            await transaction.commit(f"k{number}", "r")
        after = await store.state("w")
        running = moved_hash(running, before, after)
        assert running == add(EMPTY, state_items(after))
        before = after


def test_the_order_of_changes_does_not_matter_to_the_running_hash():
    steps = [state(sensor(reading=number, mode=str(number % 3))) for number in range(12)]
    random.Random(3).shuffle(steps)
    running = add(EMPTY, state_items(steps[0]))

    for before, after in pairwise(steps):
        running = moved_hash(running, before, after)

    assert running == add(EMPTY, state_items(steps[-1]))
