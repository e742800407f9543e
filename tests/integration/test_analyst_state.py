"""The analyst's queries about what is and was so say what the store itself says (S7 to S15), on the third floor's morning."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import product
from typing import Any

import networkx as nx
import pytest
from analyst_world import WORLD, Floor, at, floor
from contracts.scene import MINUTE
from three_ways import told_by_cypher, told_by_state

from graphtwin.methods.judging.drift import judge_variable
from graphtwin.methods.judging.risk import assess, dependents
from graphtwin.methods.state.claims import asserted, cells_of, tops_at
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.views.view_value import write_time
from graphtwin.model.fact import ENTITY, LAYERS
from graphtwin.model.finding import Deviation
from graphtwin.model.instants import parse_instant
from graphtwin.model.risk import Hazard
from graphtwin.model.state import At, State
from graphtwin.store.server import ServerAddress

pytestmark = pytest.mark.neo4j
T1, HVAC = "sensor:local/t-1", "hvac_unit:local/hvac-1"


@pytest.fixture(scope="module")
async def told(neo4j_server: ServerAddress) -> AsyncIterator[Floor]:
    async with floor(neo4j_server) as found:
        yield found


@pytest.mark.parametrize(("minute", "seq"), list(product((5, 45, 120), (2, 5, 9))))
async def test_as_of_is_the_state_at_three_instants_on_both_axes(told: Floor, minute: int, seq: int):
    asked = await told.answer("as_of", at=write_time(at(minute)), version=f"v{seq}")

    assert told_by_cypher(asked, told.config.relations) == told_by_state(
        await told.store.state(WORLD, At(at(minute), seq))
    )


async def test_as_of_takes_what_was_known_at_an_instant_and_one_entity(told: Floor):
    asked = await told.answer("as_of", known_at="2026-03-02T08:31:00Z", entity=T1)

    state = await told.store.state(WORLD, At(at(30), 4))
    known = {one for one in told_by_state(state) if T1 in one[1:3]}
    assert told_by_cypher(asked, told.config.relations) == known


async def test_present_is_the_head(told: Floor):
    rows = await told.ask("present")

    state = await told.store.state(WORLD)
    columns = dict(zip(LAYERS, ("reported", "desired", "expected"), strict=True))
    seen = {(r["entity"], layer, r["variable"], r[name]) for r in rows for layer, name in columns.items()}
    held = {
        (one.id, layer, name, value.value)
        for one in state.entities.values()
        for layer in LAYERS
        for name, value in one.layer(layer).items()
    }
    assert {one for one in seen if one[3] is not None} == held
    assert {r["entity"]: r["status"] for r in rows} == {one.id: one.status for one in state.entities.values()}


@pytest.mark.parametrize(
    ("entity", "name", "layer"),
    [(HVAC, "setpoint", "reported"), (HVAC, "setpoint", "desired"), (T1, "temperature", "reported")],
)
async def test_history_is_the_stores(told: Floor, entity: str, name: str, layer: Any):
    rows = await told.ask("history", entity=entity, variable=name, layer=layer)

    facts = await told.store.history(WORLD, entity, name, layer=layer)
    assert [(r["fact"], r["version"], parse_instant(r["valid_from"])) for r in rows] == [
        (fact.id, f"v{fact.seq}", fact.valid_from) for fact in facts
    ]


async def test_conflicts_are_the_claims_that_differ_with_their_scores(told: Floor):
    rows = await told.ask("conflicts")

    expected = []
    state = await told.store.state(WORLD)
    for entity, name in sorted({(one.id, name) for one in state.entities.values() for name in one.reported}):
        claims = [c for c in await told.store.claims(WORLD, entity, name) if c.fact.layer == "reported"]
        if len({(c.fact.value, c.fact.unit) for c in claims}) > 1:
            disputed = state.entities[entity].reported[name].disputed
            expected += [
                (entity, name, c.fact.id, c.score if c.score < 1e300 else None, c.wins, disputed) for c in claims
            ]
    assert [
        tuple(r[one] for one in ("entity", "variable", "fact", "score", "wins", "disputed")) for r in rows
    ] == expected
    assert {r["entity"] for r in await told.ask("conflicts", disputed_only=True)} == {T1}


@pytest.mark.parametrize(("before", "after"), [(1, None), (1, 4), ("v3", "v8"), (8, 9)])
async def test_a_difference_is_that_of_the_claims_in_force(told: Floor, before: Any, after: Any):
    rows = await told.ask("difference", before=before, after=after)

    first, last = [int(str(one or 9).removeprefix("v")) for one in (before, after)]
    was, now = [tops_by_key(told, seq) for seq in (first, last)]
    changed = {key for key in was.keys() | now.keys() if was.get(key, (None,))[0] != now.get(key, (None,))[0]}
    assert {(r["layer"], r["record"], r["name"], r["object"] or "") for r in rows} == changed
    assert {r["fact"] for r in rows if r["fact"]} == {now[key][1] for key in changed & now.keys()}


async def test_the_blast_radius_is_the_way_that_risk_travels(told: Floor):
    rows = await told.ask("blast_radius", entity="hvac_unit:local/chiller")

    graph = dependents((await told.store.state(WORLD)).edges.values(), told.config.relations)
    reached = nx.single_source_shortest_path_length(graph, "hvac_unit:local/chiller")
    assert {(r["hit"], r["steps"]) for r in rows} == {one for one in reached.items() if one[1]}
    assert len(rows) == 4
    assert {r["hit"] for r in await told.ask("blast_radius", entity="hvac_unit:local/chiller", depth=1)} == {
        HVAC, "hvac_unit:local/hvac-2",
    }  # fmt: skip
    places = await told.ask("blast_radius", entity="zone:local/south", relations=["LOCATED_IN"])
    assert {r["hit"] for r in places} == {"hvac_unit:local/hvac-2", "sensor:local/t-2"}


@pytest.mark.parametrize("depth", [1, 2, 3])
async def test_a_neighbourhood_is_the_stores(told: Floor, depth: int):
    rows = await told.ask("neighbourhood", entity="zone:local/north", depth=depth)

    around = await told.store.neighbourhood(WORLD, "zone:local/north", depth)
    assert {(r["subject"], r["relation"], r["object"]) for r in rows} == {
        (edge.subject, edge.relation.upper(), edge.object) for edge in around.edges
    }


async def test_drift_by_place_is_what_detect_anomaly_reckons(told: Floor):
    rows = await told.ask("drift_by_place")

    state = await told.store.state(WORLD)
    place_of = {edge.subject: edge.object for edge in state.edges.values() if edge.relation == "located_in"}
    off = [one for one in deviations(state, Policy(told.config)) if one.magnitude > 0.15]
    assert {r["place"]: r["off"] for r in rows if r["off"]} == {place_of[one.entity]: 1 for one in off}
    assert [(r["worst_thing"], r["worst"]) for r in rows if r["off"]] == [(one.entity, one.magnitude) for one in off]
    assert sum(r["things"] for r in rows) == len([one for one in state.entities.values() if one.status != "stale"])


async def test_the_ranking_is_the_risk_that_estimate_risk_reckons(told: Floor):
    rows = await told.ask("risk_ranking")

    state = await told.store.state(WORLD)
    hazards = [
        Hazard(one.entity, 1 - 2 ** (-one.magnitude / 0.6), one.variable, one.variable)
        for one in deviations(state, Policy(told.config))
        if one.magnitude > 0.15
    ]
    risk = assess(hazards, dependents(state.edges.values(), told.config.relations))
    assert {r["entity"]: r["risk"] for r in rows} == {one: round(value, 3) for one, value in risk.by_entity.items()}


async def test_a_lineage_ends_at_the_raw_bytes(told: Floor):
    [shown, lost] = await told.ask("lineage", entity=HVAC, variable="setpoint")

    held = (await told.store.state(WORLD)).entities[HVAC].reported["setpoint"]
    item = await told.store.evidence(WORLD, shown["event"])
    assert (shown["fact"], shown["shown"], lost["shown"]) == (held.fact, True, False)
    assert item is not None
    assert (shown["anchor"], shown["offset"], shown["bytes"]) == (item.anchor, 0, len(item.raw))


async def test_members_are_told_with_every_decision_about_them(told: Floor):
    rows = await told.ask("identity_members", entity=T1)

    records = (await told.store.records_ever(WORLD, [T1]))[T1]
    facts = await told.store.entity_facts(WORLD, records)
    assert {(r["record"], r["belongs_to"], r["version"]) for r in rows} == {
        (fact.record, fact.value, f"v{fact.seq}") for fact in facts if fact.name == ENTITY
    }
    assert {r["now"] for r in rows} == {T1}


async def test_what_was_learned_late_is_what_an_earlier_version_spoke_of(told: Floor):
    rows = await told.ask("late_facts", least="PT4M")

    valid = {commit.seq: commit.valid for commit in await told.store.commits(WORLD, after=-1)}
    late = {
        f.id
        for f in told.facts
        if f.seq > 1 and -(2**62) < f.valid_from <= valid[f.seq - 1] - 4 * MINUTE and f.prio < 2**60
    }
    assert {r["fact"] for r in rows} == late
    assert [r["late"] for r in rows] == ["PT5M"]


async def test_overrides_in_force_are_the_values_that_persons_hold(told: Floor):
    rows = await told.ask("overrides")

    state = await told.store.state(WORLD)
    held = {
        (one.id, n, h.value)
        for one in state.entities.values()
        for n, h in one.reported.items()
        if h.source == "override"
    }
    assert {(r["entity"], r["variable"], r["value"]) for r in rows} == held
    assert [(r["by"], r["until"]) for r in rows] == [("ann", "2026-03-03T08:00:00Z")]


async def test_what_moved_most_is_counted_over_cells(told: Floor):
    rows = await told.ask("most_changed")

    of = [f for f in told.facts if (f.record, f.name, f.layer) == ("bms:hvac-1", "setpoint", "reported")]
    values = [cell.value for cell in reversed(cells_of(of, valid=at(120), seq=9))]
    assert values == [22.0, 26.0, 22.0, 22.0]
    top = rows[0]
    assert (top["entity"], top["variable"], top["changes"], top["claims"]) == (HVAC, "setpoint", 2, 5)
    assert [r["changes"] for r in await told.ask("most_changed", since="2026-03-02T09:30:00Z")] == [0]


def tops_by_key(told: Floor, seq: int) -> dict[tuple[str, ...], tuple[Any, str]]:
    """(value and unit, fact) of each claim in force at a version's own time."""
    tops = tops_at(told.facts, valid=told.valid[seq], seq=seq)
    return {tuple(one.key): ((one.value, one.unit), one.id) for one in asserted(tops)}


def deviations(state: State, policy: Policy) -> Iterator[Deviation]:
    """How far each value is off what is desired or expected, where that can be told without its past."""
    for one in state.entities.values():
        for name, held in one.reported.items():
            variable = policy.variable(one.type, name)
            if variable is None or one.lifecycle != "active":
                continue
            found = judge_variable(
                one.id, name, variable, held, desired=one.desired.get(name), expected=one.expected.get(name)
            )
            if isinstance(found, Deviation):
                yield found
