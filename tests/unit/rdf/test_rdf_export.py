"""A world as RDF: whatever it holds, others read the same, it conforms to the shapes, and its hash recomputes (S21)."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from contracts.acting_contract import act, keep
from contracts.acting_contract import record as plan_record
from contracts.scene import DAY, MINUTE, NOON, Scene, SteppingClock, belongs, born, depends, located, say
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.rdf.exported import FORMATS, export_of, exported, found_in, lived, quads_of, texts, told_by, values

from graphtwin.errors import NotFound, UsageError
from graphtwin.methods.audit.audit_entries import rollback_entry
from graphtwin.methods.audit.principals import added_entry, revoked_entry
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.methods.views.view_hash import hash_of_snapshot
from graphtwin.methods.views.view_state import world_state_view
from graphtwin.model.acting import SignedApproval
from graphtwin.model.commit import AuditEntry, Draft, EventRecord, RunRecord
from graphtwin.model.fact import BEGIN, Fact
from graphtwin.model.principal import Principal, Role
from graphtwin.model.resources import resource_folder
from graphtwin.model.state import At
from graphtwin.rdf import Form, hash_of_export
from graphtwin.rdf.vocabulary import PREFIXES, SECTIONS
from graphtwin.store.memory import MemoryStore

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "rdf" / "hall.nq"
SHAPES = rdflib.Graph().parse(resource_folder("reference") / "shapes.ttl")
CONFORMS = "Validation Report\nConforms: True\n"
A, B, HALL = "bus:a", "bus:b", "book:hall"


def conforms(lines: bytes) -> tuple[bool, str]:
    data = rdflib.Graph().parse(data=lines, format="nt")
    passed, _, report = pyshacl.validate(data, shacl_graph=SHAPES)
    return passed, report


async def scene(**changes: Any) -> Scene:
    return await Scene.make(MemoryStore(SteppingClock()), "w", **changes)


async def pair(one: Scene) -> None:
    """v1: a and b are `s`, which stands in the hall, and is to stand outside; v2: the reading changes."""
    await one.write(
        born(A), born(B), born(HALL, "zone"), born("book:out", "zone"), belongs(A, "s", event="1"), belongs(B, "s", event="2"),
        say(A, "reading", 20.5, unit="Cel"), say(B, "reading", 22, unit="Cel"), say(B, "level", 2), say(A, "level", 4),
        say(A, "reading", 19, layer="desired"), say(A, "mode", "on", layer="expected", at=BEGIN), located(A, HALL),
        located(A, "book:out", layer="desired"), depends(A, HALL), say(A, "depends_on.load", 0.5, object=HALL),
        events=(EventRecord("e", "bus", NOON, "observation", "file:bus.jsonl:1", A, {}),),
    )  # fmt: skip
    await one.write(say(A, "reading", 21.0, NOON + MINUTE, unit="Cel", event="e"), now=NOON + MINUTE)


# --- whatever is claimed -------------------------------------------------------------------------------------------

names = st.one_of(
    st.sampled_from(["reading", "mode", "serial", "status", "labels", "depends_on.load"]), texts.filter(bool)
)
claims = st.builds(
    lambda record, name, value, unit, layer, at, kind, confidence: say(
        record, name, value, at, unit=unit, layer=layer, kind=kind, confidence=confidence
    ),
    st.sampled_from([A, B, HALL, "bus:ø/../#1"]),
    names,
    values,
    st.sampled_from(["", "Cel", "r/min", "%"]),
    st.sampled_from(["reported", "reported", "desired", "expected"]),
    st.sampled_from([NOON - DAY, NOON, -(2**61), BEGIN]),
    st.sampled_from(["observation", "inference", "assumption"]),
    st.floats(0, 1),
)  # fmt: skip
attributes = st.builds(
    lambda value, unit, layer: say(A, "depends_on.load", value, object=HALL, unit=unit, layer=layer),
    values, st.sampled_from(["", "%"]), st.sampled_from(["reported", "desired"]),
)  # fmt: skip
worlds = st.tuples(st.lists(claims, max_size=8), st.lists(attributes, max_size=2)).map(
    lambda parts: [*parts[0], *parts[1]]
)


async def world_of(facts: list[Fact]) -> Scene:
    one = await scene()
    births = (born(A), born(B), born(HALL, "zone"), born("bus:ø/../#1"), belongs(B, A, event="same"))
    edges = (depends(A, HALL), depends(A, HALL, layer="desired"), located(B, HALL, layer="expected"))
    await one.write(*births, *edges, *{fact.id: fact for fact in facts}.values())
    return one


@given(worlds)
@settings(max_examples=40)
def test_whatever_is_claimed_others_read_the_same_in_every_form_and_its_hash_recomputes(facts: list[Fact]):
    async def check() -> None:
        one = await world_of(facts)
        head = await one.store.head("w")
        at = At(head.valid, head.seq)

        written = {form: await exported(one.store, "w", at, form) for form in Form}

        quads = quads_of(written[Form.NQ])
        assert len(quads) == written[Form.NQ].count(b"\n"), "no statement comes twice"
        assert found_in(quads) == told_by(await one.state())
        assert quads_of(written[Form.TRIG], Form.TRIG) == quads == quads_of(written[Form.JSONLD], Form.JSONLD)
        flat = {ox.Quad(one.subject, one.predicate, one.object) for one in quads}
        assert quads_of(written[Form.NT], Form.NT) == flat == quads_of(written[Form.TTL], Form.TTL)
        assert _hash(written) == {(head.hash, head.hash)}

    asyncio.run(check())


def _hash(written: dict[Form, bytes]) -> set[tuple[str, str]]:
    """What is computed and what is stated, over all forms."""
    found = set()
    with tempfile.TemporaryDirectory() as folder:
        for form, data in written.items():
            path = Path(folder) / f"x.{form}"
            path.write_bytes(data)
            found.add(hash_of_export(path))
    return found


@given(worlds)
@settings(max_examples=20)
def test_rdflib_and_pyoxigraph_read_the_same_statements(facts: list[Fact]):
    async def check() -> None:
        one = await world_of(facts)
        head = await one.store.head("w")

        for form in (Form.NQ, Form.TRIG, Form.JSONLD):
            data = await exported(one.store, "w", At(head.valid, head.seq), form)
            assert by_rdflib(data, form) == {_text(quad) for quad in quads_of(data, form)}

    asyncio.run(check())


def by_rdflib(data: bytes, form: Form) -> set[tuple[str, ...]]:
    """Statements as rdflib reads them, in the terms of N-Triples."""
    normalizing, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        dataset = rdflib.Dataset().parse(data=data, format={"nq": "nquads", "trig": "trig", "jsonld": "json-ld"}[form])
    finally:
        rdflib.NORMALIZE_LITERALS = normalizing
    default = rdflib.graph.DATASET_DEFAULT_GRAPH_ID
    return {
        (*(_term(term) for term in quad[:3]), "" if quad[3] in (None, default) else str(quad[3]))
        for graph in dataset.graphs()
        for quad in ((*triple, graph.identifier) for triple in graph)
    }


def _term(term: Any) -> str:
    if isinstance(term, rdflib.Literal):
        return f"{str(term)!r}^^{term.datatype or rdflib.XSD.string}"
    return str(term)


def _text(quad: ox.Quad) -> tuple[str, ...]:
    said = quad.object
    shown = f"{said.value!r}^^{said.datatype.value}" if isinstance(said, ox.Literal) else said.value
    graph = "" if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name.value
    return quad.subject.value, quad.predicate.value, shown, graph


@given(worlds)
@settings(max_examples=15)
def test_whatever_is_claimed_it_conforms_to_the_shapes_without_blank_nodes(facts: list[Fact]):
    async def check() -> None:
        one = await world_of(facts)
        head = await one.store.head("w")

        lines = await exported(one.store, "w", At(head.valid, head.seq), Form.NT)

        assert conforms(lines) == (True, CONFORMS)
        nodes = {term for quad in quads_of(lines) for term in (quad.subject, quad.object)}
        assert not [node for node in nodes if isinstance(node, ox.BlankNode)]

    asyncio.run(check())


# --- whatever happens ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
async def test_at_any_instant_of_both_axes_rdf_says_what_the_snapshot_says_s1(seed: int, tmp_path: Path):
    store = MemoryStore(SteppingClock())
    stream = await lived([store], "w", seed, 30)
    head = await store.head("w")

    for _ in range(6):
        at = At(stream.instant(), stream.chance.randint(0, head.seq))
        state, path = await store.state("w", at), tmp_path / "x.nq"
        path.write_bytes(await exported(store, "w", at))
        printed = world_state_view(state, head=head, config=await store.configuration("w", at.seq))

        assert found_in(quads_of(path.read_bytes())) == told_by(state), at
        assert hash_of_export(path) == (state_hash(state),) * 2
        assert hash_of_snapshot(printed.model_dump(mode="json")) == state_hash(state)


async def test_the_same_state_makes_the_same_bytes_in_every_form():
    one, other = await scene(), await scene()
    for each in (one, other):
        await pair(each)

    for form in Form:
        at = await one.at_head(NOON + MINUTE)
        assert await exported(one.store, "w", at, form) == await exported(other.store, "w", at, form)


async def test_names_and_lines_stay_as_they_are():
    one = await scene()
    await one.write(
        born(A), born(HALL, "zone"), say(A, "reading", 20.5, unit="Cel", event="e"), located(A, HALL, event="e"),
        say(A, "reading", 19, layer="desired", event="w"), events=(EventRecord("e", "bus", NOON, "observation", "file:bus.jsonl:1", A, {}),),
    )  # fmt: skip

    written = await exported(one.store, "w", At(NOON, 1))

    kept = [line for line in written.decode().splitlines() if not re.search("ns#(configuration|versionId)>", line)]
    assert kept == GOLDEN.read_text("utf-8").splitlines(), "what others keep names things so: it changes for them, too"


async def test_the_order_in_which_claims_came_leaves_no_trace_but_the_versions():
    one, other = await scene(), await scene()
    said = [born(A), *(say(A, name, value) for name, value in (("mode", "on"), ("reading", 1), ("serial", "x")))]
    await one.write(*said)
    await other.write(*reversed(said))

    at = await one.at_head(NOON)

    assert await exported(one.store, "w", at) == await exported(other.store, "w", at)


async def test_a_version_is_written_the_same_whatever_came_after_it():
    one = await scene()
    await pair(one)
    at, running = At(NOON, 1), RunRecord("run-1", "w", "sync", NOON, None, "running", "receive", None, {})
    await one.store.save_run(running)
    before = await exported(one.store, "w", at)

    await one.store.save_run(replace(running, ended_at=NOON + DAY, status="synced"))
    await one.write(say(A, "reading", 99, NOON + DAY), now=NOON + DAY)

    assert await exported(one.store, "w", at) == before


# --- what it says --------------------------------------------------------------------------------------------------


def lines_about(data: bytes, iri: str) -> set[str]:
    """What is said of a thing, without the graph, prefixes taken off."""
    said = set()
    for quad in quads_of(data):
        if quad.subject.value == f"urn:graphtwin:w/{iri}":
            shown = quad.object.value.removeprefix("urn:graphtwin:w/")
            said.add(f"{quad.predicate.value.rpartition('/')[2].rpartition('#')[2]} {shown.rpartition('#')[2]}")
    return said


async def test_a_reading_is_an_observation_of_a_property_of_the_entity_with_unit_times_and_origin():
    one = await scene()
    await pair(one)
    [fact] = [claim.fact for claim in await one.store.claims("w", "s", "reading") if claim.wins][:1]

    data = await exported(one.store, "w", await one.at_head(NOON + MINUTE))

    assert lines_about(data, f"observation/{fact.id}") == {
        "type http://www.w3.org/ns/sosa/Observation", "hasFeatureOfInterest entity/s", "observedProperty property/reading",
        "hasSimpleResult 21.0", f"hasResult fact/{fact.id}", "madeBySensor source/bus", "rivals 1", "disputed true",
        "phenomenonTime since/2023-11-14T22:14:20Z", "resultTime 2023-11-14T22:14:20Z",
    }  # fmt: skip
    assert lines_about(data, f"fact/{fact.id}") == {
        "type Fact", "type Entity", "type http://qudt.org/schema/qudt/QuantityValue", "value 21.0", "ucumCode Cel",
        "numericValue 21.0", "hasUnit http://qudt.org/vocab/unit/DEG_C", "confidence 1.0", "kind observation",
        "record record/bus:a", "wasAttributedTo source/bus", "wasGeneratedBy commit/v2", "wasDerivedFrom event/e",
    }  # fmt: skip
    assert {"wasAttributedTo source/bus", "anchor file:bus.jsonl:1", "eventType observation"} <= lines_about(
        data, "event/e"
    )
    assert "inXSDDateTimeStamp 2023-11-14T22:14:20Z" in lines_about(data, "instant/2023-11-14T22:14:20Z")


async def test_a_reading_that_nothing_came_after_in_time_is_stale_s11():
    fresh = {
        "sensor": {"is_a": "sensor", "variables": {"reading": {"valid_for": "1m"}, "mode": {"datatype": "string"}}}
    }
    one = await scene(types=fresh)
    await one.write(born(A), say(A, "reading", 1), say(A, "mode", "on"))
    [claim] = await one.store.claims("w", A, "reading")

    soon = lines_about(await exported(one.store, "w", At(NOON + MINUTE, 1)), f"observation/{claim.fact.id}")
    late = lines_about(await exported(one.store, "w", At(NOON + MINUTE + 1, 1)), f"observation/{claim.fact.id}")

    assert "validFor PT1M" in soon
    assert late - soon == {"stale true"}


async def test_a_wish_is_no_observation_and_a_wished_relation_is_not_stated():
    one = await scene()
    await pair(one)

    data = await exported(one.store, "w", await one.at_head(NOON + MINUTE))

    entity = lines_about(data, "entity/s")
    assert {"reading 21.0", "located_in entity/book:hall", "level 3.0"} <= entity
    assert not {"reading 19", "mode on", "located_in entity/book:out"} & entity
    found = found_in(quads_of(data))
    assert {(row[:4]) for row in found["desired"]} == {("s", "reading", "int", "19")}
    assert {(row[:4]) for row in found["expected"]} == {("s", "mode", "str", '"on"')}
    assert {row[:3] for row in found["desired edges"]} == {("s", "located_in", "book:out")}


async def test_a_mean_names_the_facts_that_it_is_made_of():
    one = await scene()
    await pair(one)

    data = await exported(one.store, "w", await one.at_head(NOON + MINUTE))

    [mean] = {quad.subject.value for quad in quads_of(data) if quad.object == ox.NamedNode("urn:graphtwin:ns#Mean")}
    said = lines_about(data, mean.removeprefix("urn:graphtwin:w/"))
    parts = sorted(one.partition(" ")[2] for one in said if one.startswith("wasDerivedFrom"))
    values = {line for part in parts for line in lines_about(data, part) if line.startswith("value ")}
    assert values == {"value 2", "value 4"}
    assert "value 3.0" in said


async def test_membership_leads_to_the_decision_behind_it():
    one = await scene()
    await pair(one)

    data = await exported(one.store, "w", await one.at_head(NOON))

    said = lines_about(data, "record/bus:b")
    [decided] = [line.partition(" ")[2] for line in said if line.startswith("identifiedBy")]
    assert {"recordOf entity/s", "wasAttributedTo source/bus"} <= said
    assert {"kind decision", "value s", "wasDerivedFrom event/2"} <= lines_about(data, decided)
    assert "type Decision" in lines_about(data, "event/2")


async def test_a_conclusion_leads_to_its_rule_and_the_facts_that_it_rests_on():
    one = await scene(rules=[{"id": "hot", "cypher": "RETURN 1", "description": "what is hot is in alarm"}])
    reading, kind = say(A, "reading", 99), born("rule:hot/bus:a")
    rests = {
        "rule": "hot",
        "premises": [{"entity": A, "name": "reading", "record": A, "fact": reading.id, "event": "e"}],
    }
    concluded = say("rule:hot/bus:a", "mode", "alarm", source="rule", event="rule:hot/bus:a:r")
    event = EventRecord("rule:hot/bus:a:r", "rule", NOON, "derivation", "tool:rule:hot", "rule:hot/bus:a", rests)

    await one.write(born(A), kind, belongs("rule:hot/bus:a", A, event="rule"), reading, concluded, events=(event,))
    data = await exported(one.store, "w", await one.at_head(NOON))

    assert {"type Derivation", "rule rule/hot", f"wasDerivedFrom fact/{reading.id}"} <= lines_about(
        data, "event/rule:hot/bus:a:r"
    )
    assert {"comment what is hot is in alarm", "cypher RETURN 1"} <= lines_about(data, "rule/hot")
    assert {"type Rule", "type Plan"} <= lines_about(data, "rule/hot")
    assert {"type SoftwareAgent", "trustClass derived_inference"} <= lines_about(data, "source/rule")


async def test_commits_lead_to_their_runs_and_their_audit_records_to_who_did_it():
    one = await scene()
    assert one.lease is not None
    async with one.store.begin(one.lease) as transaction:
        await transaction.write(Draft(NOON, (born(A), say(A, "reading", 1))))
        await transaction.record([AuditEntry("commit", NOON, "run-1", {"principal": "graphtwin", "n": [1.0, None]})])
        await transaction.commit("key", "run-1")
    await one.store.save_run(RunRecord("run-1", "w", "sync-loop", NOON, NOON + MINUTE, "synced", "summarize", {}, {}))

    data = await exported(one.store, "w", await one.at_head(NOON))

    assert {"type Commit", "wasInformedBy run/run-1", "generated version/v1", "factCount 2"} <= lines_about(
        data, "commit/v1"
    )
    assert {"workflow sync-loop", "status synced", "wasAssociatedWith agent/graphtwin"} <= lines_about(
        data, "run/run-1"
    )
    audited = lines_about(data, "audit/1")
    assert {"kind commit", "wasGeneratedBy run/run-1", "wasAttributedTo agent/graphtwin"} <= audited
    assert json.loads(next(line for line in audited if line.startswith("body "))[5:])["n"] == [1.0, None]
    assert conforms(await exported(one.store, "w", await one.at_head(NOON), Form.NT))[0]


async def test_a_plan_leads_from_the_facts_that_it_answers_to_the_approval_and_the_act_s28_s30():
    one = await scene(actuators={"bms": {"type": "http", "endpoint": "http://127.0.0.1:1"}})
    hot = say(A, "reading", 99)
    await one.write(born(A), hot)
    planned = plan_record("w", evidence=(hot.id,), author="graphtwin")
    yes = SignedApproval(planned.id, "ann", {"nonce": "n-1", "risk_ceiling": 0.5}, "c2lnbmVk", NOON)
    done = replace(act(0, planned.id), entity=A, outcome="done", answered_at=NOON + 1, answer="204")

    await keep(one, plans=(planned,), approvals=(yes,), acts=(done,))
    data = await exported(one.store, "w", await one.at_head(NOON))

    assert {
        "type Plan", f"wasDerivedFrom fact/{hot.id}", "wasDerivedFrom version/v1", "wasGeneratedBy run/run-1",
        "wasAttributedTo agent/graphtwin", "status waiting", "needsApproval true", "risk 0.4",
    } <= lines_about(data, f"plan/{planned.id}")  # fmt: skip
    assert {"type PlanStep", f"isPartOf plan/{planned.id}", 'effects {"setpoint":0}'} <= lines_about(
        data, f"step/{planned.id}/0"
    )
    assert {f"wasDerivedFrom plan/{planned.id}", "wasAttributedTo agent/ann", "signature c2lnbmVk"} <= lines_about(
        data, f"approval/{planned.id}/n-1"
    )
    assert {
        "type http://www.w3.org/ns/sosa/Actuation", "hasFeatureOfInterest entity/bus:a", "madeByActuator actuator/bms",
        "actsOnProperty property/setpoint", "hasSimpleResult done", f"used plan/{planned.id}", "wasInformedBy run/run-1",
        'request {"body":{"value":1},"method":"PUT","path":"points/a"}',
    } <= lines_about(data, f"act/{done.id}")  # fmt: skip
    assert {"type http://www.w3.org/ns/sosa/Actuator", "actuatorType http"} <= lines_about(data, "actuator/bms")
    assert conforms(await exported(one.store, "w", await one.at_head(NOON), Form.NT)) == (True, CONFORMS)


async def test_a_rollback_leads_to_the_acts_and_the_run_that_it_took_back_and_the_version_that_it_restored_s31():
    one = await scene(actuators={"bms": {"type": "http", "endpoint": "http://127.0.0.1:1"}})
    await one.write(born(A), say(A, "reading", 99))
    planned = plan_record("w", author="graphtwin", status="rolled_back")
    sent = replace(act(0, planned.id), entity=A, outcome="refused", answered_at=NOON + 1)
    back = replace(act(1, planned.id), place=0, covers="compensation", entity=A, outcome="done", answered_at=NOON + 2)
    told = {"at": NOON, "principal": "graphtwin", "restore_point": "v1"}
    entries = [
        rollback_entry(run="run-2", undone="run-1", reason="it is still 99", **told),
        rollback_entry(run="run-3", undone="", reason="", **told),
    ]

    await keep(one, plans=(planned,), acts=(sent, back))
    async with one.store.begin(one.lease) as transaction:
        await transaction.record(entries)
        await transaction.commit("run-2", "run-2")
    data = await exported(one.store, "w", await one.at_head(NOON))

    own, all_since = [lines_about(data, f"rollback/{n}") for n in (2, 3)]
    assert {
        "type Rollback", "kind rollback", "undoes run/run-1", "used version/v1", "wasAssociatedWith agent/graphtwin",
        "wasInformedBy run/run-2", "reason it is still 99",
    } <= own  # fmt: skip
    assert {"kind restore", "used version/v1", "wasInformedBy run/run-3"} <= all_since
    assert not any(line.startswith("undoes") for line in all_since)
    assert f"takesBack act/{sent.id}" in lines_about(data, f"act/{back.id}") - lines_about(data, f"act/{sent.id}")
    assert conforms(await exported(one.store, "w", await one.at_head(NOON), Form.NT)) == (True, CONFORMS)


async def test_what_was_planned_and_done_later_is_not_in_an_older_version():
    one = await scene()
    await one.write(born(A), say(A, "reading", 1))
    older, newer = plan_record("w", 1), plan_record("w", 2, version="v2", created_at=NOON + 2 * MINUTE)
    late = replace(act(0, older.id), at=NOON, outcome="done", answered_at=NOON + 2 * MINUTE)
    await one.write(say(A, "reading", 2, NOON + MINUTE), now=NOON + MINUTE)

    await keep(one, plans=(replace(older, status="executed", updated_at=NOON + 2 * MINUTE), newer), acts=(late,))
    first, head = await exported(one.store, "w", At(NOON, 1)), await exported(one.store, "w", At(NOON + MINUTE, 2))

    assert "type Plan" in lines_about(first, f"plan/{older.id}")
    assert "status executed" in lines_about(head, f"plan/{older.id}") - lines_about(first, f"plan/{older.id}")
    assert "hasSimpleResult done" in lines_about(head, "act/act-0") - lines_about(first, "act/act-0")
    assert lines_about(first, f"plan/{newer.id}") == set() != lines_about(head, f"plan/{newer.id}")


async def test_who_decided_is_told_with_the_role_of_that_time_s35():
    one = await scene()
    assert one.lease is not None
    ann = Principal("w", "ann", Role.OPERATOR, bytes(32), NOON)
    for number, entry in enumerate(
        (added_entry(ann, by="graphtwin", run="r0"), AuditEntry("claim", NOON, "r1", {"principal": "ann"}))
    ):
        async with one.store.begin(one.lease) as transaction:
            await transaction.write(Draft(NOON, (born(A), say(A, "reading", 1)) if number else ()))
            await transaction.record([entry])
            await transaction.commit(f"key-{number}", f"r{number}")
    then = await exported(one.store, "w", At(NOON, 1))

    again = replace(ann, role=Role.ADMIN, added_at=NOON + DAY)
    later = [revoked_entry(ann, by="ann", at=NOON + DAY, run="r2"), added_entry(again, by="graphtwin", run="r2")]
    async with one.store.begin(one.lease) as transaction:
        await transaction.write(Draft(NOON + DAY, (say(A, "reading", 2, NOON + DAY),)))
        await transaction.record(later)
        await transaction.commit("key-2", "r2")

    assert {"type Agent", "role operator"} <= lines_about(then, "agent/ann")
    assert await exported(one.store, "w", At(NOON, 1)) == then


async def test_what_became_known_later_than_asked_is_left_out_s1():
    one = await scene()
    await pair(one)
    first, second = await one.store.commits("w")
    for run, commit in (("run-1", first), ("run-2", second)):
        ended = commit.committed_at + 500
        await one.store.save_run(RunRecord(run, "w", "sync", NOON, ended, "synced", "summarize", {}, {}))

    at_once = await exported(one.store, "w", At(NOON, 1), known_at=first.committed_at)
    while_head = await exported(one.store, "w", At(NOON, 1))

    assert "status synced" not in lines_about(at_once, "run/run-1")
    assert "status synced" in lines_about(while_head, "run/run-1")
    assert lines_about(while_head, "run/run-2") == set()


async def test_a_named_graph_holds_the_version_and_the_default_graph_says_what_it_is():
    one = await scene()
    await pair(one)
    head = await one.store.head("w")

    version, data = await export_of(one.store, "w", At(head.valid, 2))
    snapshot, past = await export_of(one.store, "w", At(NOON, 2))

    assert version.graph == "urn:graphtwin:w/version/v2"
    assert snapshot.graph == "urn:graphtwin:w/version/v2/at/2023-11-14T22:13:20Z"
    for told, lines in ((version, data), (snapshot, past)):
        named = {quad.graph_name for quad in quads_of(lines)}
        assert named == {ox.NamedNode(told.graph), ox.DefaultGraph()}
        described = {quad.subject.value for quad in quads_of(lines) if isinstance(quad.graph_name, ox.DefaultGraph)}
        assert described == {told.graph, "urn:graphtwin:w/world"}
    assert {f"stateHash {head.hash}", "wasRevisionOf version/v1", "identifier v2"} <= lines_about(data, "version/v2")
    assert "wasDerivedFrom version/v2" in lines_about(past, "version/v2/at/2023-11-14T22:13:20Z")


async def test_an_empty_world_is_written_too(tmp_path: Path):
    one = await scene()

    for form in Form:
        path = tmp_path / f"x.{form}"
        path.write_bytes(await exported(one.store, "w", At(NOON, 0), form))
        assert hash_of_export(path) == ((await one.hash()),) * 2
    assert conforms((tmp_path / "x.nt").read_bytes())[0]


async def test_names_begin_as_the_configuration_says_or_the_caller():
    one = await scene(rdf={"base": "https://twin.example/{world}#"})
    await pair(one)
    at = await one.at_head(NOON)

    configured = {quad.subject.value for quad in quads_of(await exported(one.store, "w", at))}
    called = {quad.subject.value for quad in quads_of(await exported(one.store, "w", at, base="urn:x:"))}

    assert {iri.partition("#")[0] for iri in configured} == {"https://twin.example/w"}
    assert {iri[:6] for iri in called} == {"urn:x:"}
    assert len(configured) == len(called)


async def test_what_is_not_there_is_not_found_and_a_bad_base_is_refused():
    one = await scene()

    with pytest.raises(NotFound):
        await exported(one.store, "w", At(NOON, 9))
    with pytest.raises(NotFound):
        await exported(one.store, "none", At(NOON, 0))
    with pytest.raises(UsageError, match="can't begin IRIs"):
        await exported(one.store, "w", At(NOON, 0), base="nonsense")


def test_no_prefix_means_two_things():
    assert not PREFIXES.keys() & set(SECTIONS)


def test_every_form_has_a_reader():
    assert set(FORMATS) == set(Form)
