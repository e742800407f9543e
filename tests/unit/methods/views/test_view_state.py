"""Published states: the hash of the printed form is the hash of the state, and no layer passes for another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from graphtwin.errors import UsageError
from graphtwin.methods.state.compare import compare
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.methods.views.view_delta import delta_view
from graphtwin.methods.views.view_hash import hash_of_snapshot
from graphtwin.methods.views.view_state import flat_view, reference_view, world_state_view
from graphtwin.methods.views.view_text import json_text, yaml_text
from graphtwin.model.commit import EventRecord, Head
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import BEGIN
from graphtwin.model.snapshot import StateDelta
from graphtwin.model.state import At, Edge, EntityState, Held, State
from graphtwin.model.world_state import WorldState

HOUR = 3_600_000_000
NOW = 1_768_478_400_000_000  # 2026-01-15T12:00:00Z
HEAD = Head("plant", 3, NOW, "sha256:00", "sha256:03", "sha256:cc", NOW)
CONFIG = TwinConfig.model_validate(
    {
        "world": {"id": "plant", "title": "the pump hall", "timezone": "Europe/Oslo"},
        "sources": {"bms": {"type": "file", "path": "bms.jsonl", "cadence": "1m"}},
        "types": {
            "pump": {
                "variables": {
                    "speed": {"unit": "r/min", "half_life": "1h"},
                    "maker": {"attribute": True, "datatype": "string"},
                    "mass": {"attribute": True, "unit": "kg"},
                }
            },
            "tank": {"variables": {"volume": {"attribute": True}}},
        },
        "relations": {"feeds": {"attributes": {"diameter": {"unit": "mm"}}}, "stands_in": {"functional": True}},
        "rules": [{"id": "leak", "cypher": "RETURN 1", "description": "a pump that leaks is marked"}],
        "retention": {"observations": "P90D"},
    }
)


def held(value: Any, unit: str = "", **more: Any) -> Held:
    usual = {
        "valid_from": NOW - HOUR, "observed_at": NOW, "confidence": 1.0, "kind": "observation", "source": "bms",
        "record": "bms:p1", "fact": "f1",
    }  # fmt: skip
    return Held(value=value, unit=unit, **(usual | more))


def world(*entities: EntityState, edges: tuple[Edge, ...] = ()) -> State:
    return State(At(NOW, 3), {one.id: one for one in entities}, {edge.key: edge for edge in edges})


def pump(**layers: Mapping[str, Held]) -> EntityState:
    return EntityState("pump:p1", "pump", "active", ("bms:p1", "model:p1"), **layers)


def printed(state: State) -> dict[str, Any]:
    return world_state_view(state, head=HEAD, config=CONFIG).model_dump(mode="json")


# --- every value that a claim can hold -----------------------------------------------------------------------------

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    text,
    st.sampled_from(["@value", "20", "null", "2026-01-15T12:00:00Z", "1e5", "no"]),
)
keys = st.one_of(text, st.sampled_from(["@value", "@unit", "value", "unit"]))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(keys, inner, max_size=2)),
    max_leaves=4,
)
names = st.one_of(
    st.sampled_from(["speed", "maker", "mass", "volume", "status", "labels", "aliases", "finding:rule-x", "unit"]),
    text.filter(bool),
)
units = st.sampled_from(["", "Cel", "r/min", "[degF]"])
helds = st.builds(
    held,
    values,
    units,
    confidence=st.floats(0, 1),
    kind=st.sampled_from(["observation", "inference", "prediction", "assumption", "constraint", "decision"]),
    source=st.sampled_from(["bms", "model", "rule", "override"]),
    valid_from=st.sampled_from([BEGIN, NOW]),
    observed_at=st.sampled_from([BEGIN, NOW - 10 * HOUR, NOW]),
    fact=st.sampled_from(["", "f1"]),
    disputed=st.booleans(),
)
layers = st.dictionaries(names, helds, max_size=3)


@st.composite
def states(draw: st.DrawFn) -> State:
    ids = draw(st.lists(st.sampled_from(["pump:p1", "tank:t1", "tank:t2", "thing:ø"]), unique=True, max_size=4))
    entities = [
        EntityState(
            id_,
            draw(st.sampled_from(["pump", "tank", "undeclared"])),
            draw(st.sampled_from(["active", "stale"])),
            tuple(sorted(draw(st.sets(st.sampled_from([f"bms:{id_}", f"model:{id_}", "x:y"]), min_size=1)))),
            draw(layers),
            draw(layers),
            draw(layers),
        )
        for id_ in ids
    ]
    ends = st.sampled_from(ids) if ids else st.nothing()
    edge = st.builds(
        lambda layer, subject, relation, target, attributes: Edge(
            layer, subject, relation, target, held("r"), attributes
        ),
        st.sampled_from(["reported", "desired", "expected"]), ends, st.sampled_from(["feeds", "stands_in"]), ends, layers,
    )  # fmt: skip
    return world(*entities, edges=tuple(draw(st.lists(edge, max_size=4))) if ids else ())


@given(states())
@settings(max_examples=50, deadline=None)
def test_the_hash_of_the_printed_state_is_the_hash_of_the_state(state: State) -> None:
    document = printed(state)

    read_again = json.loads(json_text(document))

    assert hash_of_snapshot(read_again) == state_hash(state)
    assert WorldState.model_validate(read_again).model_dump(mode="json") == document


@given(states())
@settings(max_examples=50, deadline=None)
def test_the_hash_survives_yaml(state: State) -> None:
    read_again = yaml.safe_load(yaml_text(printed(state)))

    assert hash_of_snapshot(read_again) == state_hash(state)


@given(states(), states())
@settings(max_examples=50, deadline=None)
def test_a_delta_applied_to_its_base_gives_the_full_state(before: State, after: State) -> None:
    delta = delta_view(after, compare(before, after), base="v2", head=HEAD, config=CONFIG)

    whole = applied(printed(before), delta)

    assert hash_of_snapshot(whole) == state_hash(after)


@given(states())
@settings(max_examples=50, deadline=None)
def test_a_delta_of_equal_states_is_empty(state: State) -> None:
    delta = delta_view(state, compare(state, state), base="v2", head=HEAD, config=CONFIG)

    assert delta.model_dump(exclude={"base", "meta"}) == {
        "entities": (),
        "relationships": (),
        "state_variables": (),
        "removed": {"entities": (), "relationships": (), "state_variables": ()},
    }


def applied(base: dict[str, Any], delta: StateDelta) -> dict[str, Any]:
    """What somebody who has only the published forms does with a delta."""
    news = delta.model_dump(mode="json")
    removed = news["removed"]

    def triple(edge: dict[str, Any]) -> tuple[str, str, str]:
        return (edge["src"]["entity_id"], edge["relation"], edge["dst"]["entity_id"])

    def about(variable: dict[str, Any]) -> tuple[str, str]:
        return (variable["subject"]["entity_id"], variable["name"])

    entities = {one["id"]: one for one in base["entities"]} | {one["id"]: one for one in news["entities"]}
    edges = {triple(one): one for one in base["relationships"]} | {triple(one): one for one in news["relationships"]}
    gone_edges = {(one["src"], one["relation"], one["dst"]) for one in removed["relationships"]}
    replaced = {about(one) for one in (*news["state_variables"], *removed["state_variables"])}
    return {
        "entities": [one for id_, one in entities.items() if id_ not in removed["entities"]],
        "relationships": [one for key, one in edges.items() if key not in gone_edges],
        "state_variables": [
            *(one for one in base["state_variables"] if about(one) not in replaced),
            *news["state_variables"],
        ],
    }


def test_layers_stand_apart_by_their_source() -> None:
    state = world(
        pump(
            reported={"speed": held(1400, "r/min")},
            desired={"speed": held(1500, "r/min", kind="decision")},
            expected={"speed": held(1450, "r/min", kind="assumption", source="model")},
        )
    )

    variables = printed(state)["state_variables"]

    assert [(one["value"]["value"], one["source"], one["tags"]) for one in variables] == [
        (1400, "observation", []),
        (1500, "constraint", []),
        (1450, "assumption", ["expected"]),
    ]


def test_declared_attributes_stand_in_the_entity_with_their_unit() -> None:
    state = world(pump(reported={"maker": held("Nord"), "mass": held(12.5, "kg"), "speed": held(3, "r/min")}))

    document = printed(state)

    assert document["entities"][0]["attributes"] == {"maker": "Nord", "mass": {"@value": 12.5, "@unit": "kg"}}
    assert [one["name"] for one in document["state_variables"]] == ["speed"]


def test_membership_is_aliases_of_kind_record_and_claimed_aliases_are_names() -> None:
    state = world(pump(reported={"aliases": held(["P1", "pump one"]), "labels": held("main pump")}))

    entity = printed(state)["entities"][0]

    assert entity["aliases"] == [
        {"alias": "bms:p1", "kind": "record", "confidence": None},
        {"alias": "model:p1", "kind": "record", "confidence": None},
        "P1",
        "pump one",
    ]
    assert entity["labels"] == ["main pump"]


def test_a_relation_that_is_only_expected_is_no_relationship() -> None:
    tank = EntityState("tank:t1", "tank", "active", ("model:t1",))
    expected = Edge("expected", "pump:p1", "feeds", "tank:t1", held("model:t1", kind="assumption"))

    document = printed(world(pump(), tank, edges=(expected,)))

    assert document["relationships"] == []
    assert [(one["name"], one["value"]["value"], one["tags"]) for one in document["state_variables"]] == [
        ("feeds", "tank:t1", ["expected", "relation"])
    ]


def test_a_silent_value_is_marked_stale_and_its_confidence_fades() -> None:
    state = world(pump(reported={"speed": held(1400, observed_at=NOW - HOUR - 180_000_000)}))

    variable = printed(state)["state_variables"][0]

    assert variable["tags"] == ["stale"]
    assert variable["value"]["uncertainty"]["confidence"] == pytest.approx(0.5)
    assert variable["valid_for"] == "PT3M"


def test_a_transition_is_printed_in_the_words_of_the_standard_s22() -> None:
    step = {"variable": "mode", "from": ["idle", "warm"], "to": "cooling", "inverse": True}
    rules = [
        {"id": "start", "cypher": "RETURN 1", "for": "10m", "reads": ["load"], "transition": step},
        {"id": "stop", "cypher": "RETURN 2", "transition": {"variable": "mode", "from": "cooling", "to": "idle"}},
    ]
    config = CONFIG.model_validate(CONFIG.normalised() | {"rules": rules})

    start, stop = world_state_view(world(), head=HEAD, config=config).transition_rules

    assert start.trigger == {"every": "commit", "for": "PT10M", "cypher": "RETURN 1"}
    assert start.guards == ("mode is idle or warm", "settled first: load")
    assert start.effects == ("mode becomes cooling",)
    assert start.allowed_next_states == ("cooling",)
    assert start.rollback is not None
    assert (start.rollback.strategy, start.rollback.inverse_effects) == (
        "inverse",
        ("mode becomes idle or warm again",),
    )
    assert (stop.allowed_next_states, stop.rollback) == (("idle",), None)


def test_the_state_names_its_version_its_rules_and_what_was_seen() -> None:
    event = EventRecord("e1", "bms", NOW, "reading", "bms.jsonl:7", "bms:p1", {"speed": 1400})
    state = world_state_view(
        world(pump()), head=HEAD, config=CONFIG, parent="sha256:02", lineage=("sha256:01", "sha256:02"),
        observations=(event,),
    )  # fmt: skip

    assert (state.meta.version_id, state.meta.parent_version_id) == ("sha256:03", "sha256:02")
    assert [rule.rule_id for rule in state.transition_rules] == ["leak"]
    assert [(one.event_id, one.anchors[0].text) for one in state.observations] == [("e1", "file:bms.jsonl:7")]


def test_the_flat_form_has_values_beside_id_and_type() -> None:
    tank = EntityState("tank:t1", "tank", "active", ("model:t1",))
    feeds = Edge("reported", "pump:p1", "feeds", "tank:t1", held("model:t1"))
    reported = {"speed": held(1400), "id": held("P-1"), "finding:leak": held({})}

    flat = flat_view(world(pump(reported=reported), tank, edges=(feeds,))).model_dump(mode="json")

    assert flat["entities"][0] == {
        "id": "pump:p1", "type": "pump", "speed": 1400, "last_updated": "2026-01-15T12:00:00Z", "status": "active",
    }  # fmt: skip
    assert flat["relationships"] == [{"subject": "pump:p1", "predicate": "feeds", "object": "tank:t1"}]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"base": "v1", "entities": []}, "only what differs"),
        (reference_view("state.json", entities=2000, hash="sha256:00").model_dump(mode="json"), "state.json"),
        ({"twin_snapshot": {"state": {"entities": []}}}, "not a full canonical state"),
        ({"entities": [{}], "relationships": [], "state_variables": []}, "canonical form"),
    ],
)
def test_a_document_without_the_full_state_has_no_hash(document: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        hash_of_snapshot(document)
