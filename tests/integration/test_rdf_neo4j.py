"""An export out of Neo4j: at each instant of both axes it says what the snapshot says, and its hash recomputes."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from uuid import uuid4

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from contracts.neo4j_opened import opened
from contracts.scene import (
    DAY,
    MINUTE,
    NOON,
    Scene,
    SteppingClock,
    belongs,
    born,
    decide,
    depends,
    located,
    say,
)
from e2e.real_world import real_store, real_world
from e2e.small_world import reading
from unit.rdf.exported import export_of, exported, found_in, lived, quads_of, told_by

from graphtwin.methods.state.state_hash import state_hash
from graphtwin.methods.views.view_hash import hash_of_snapshot
from graphtwin.methods.views.view_state import world_state_view
from graphtwin.model.resources import resource_folder
from graphtwin.model.state import At
from graphtwin.rdf import Form, hash_of_export
from graphtwin.store.memory import MemoryStore
from graphtwin.store.server import ServerAddress

SHAPES = rdflib.Graph().parse(resource_folder("reference") / "shapes.ttl")
HOT = """
    MATCH (sensor:Sensor {world: $world})
    WHERE sensor.reading > 90
    RETURN sensor.id AS subject, {mode: 'alarm'} AS set, [[sensor.id, 'reading']] AS premises
"""
CHAIN = """
    PREFIX dcterms: <http://purl.org/dc/terms/>
    PREFIX gt: <urn:graphtwin:ns#>
    PREFIX prov: <http://www.w3.org/ns/prov#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX sosa: <http://www.w3.org/ns/sosa/>
    SELECT ?mode ?rule ?says ?reading ?anchor {
      ?observation sosa:observedProperty/dcterms:identifier "mode" ; sosa:hasSimpleResult ?mode ;
        sosa:hasResult/prov:wasDerivedFrom ?conclusion .
      ?conclusion gt:rule ?hot ; prov:wasDerivedFrom ?premise .
      ?hot dcterms:identifier ?rule ; rdfs:comment ?says .
      ?premise prov:value ?reading ; prov:wasDerivedFrom/gt:anchor ?anchor .
    }
"""
A, B, HALL, YARD = "bus:a", "bus:b", "book:hall", "book:yard"


async def history(scene: Scene) -> None:
    """v1 to v3: a reading rises, a thing moves, two records become one; v3 corrects what v1 believed of the past."""
    await scene.write(
        born(A), born(B), born(HALL, "zone"), born(YARD, "zone"), say(A, "reading", 20.0, NOON - DAY, unit="Cel"),
        located(A, HALL, NOON - DAY), say(A, "reading", 19, NOON - DAY, layer="desired"), say(B, "mode", "on", NOON - DAY),
    )  # fmt: skip
    await scene.write(
        say(A, "reading", 25.5, NOON + MINUTE, unit="Cel"), located(A, YARD, NOON + MINUTE), depends(A, B, True, NOON),
        say(A, "depends_on.load", 0.5, NOON, object=B), now=NOON + MINUTE,
    )  # fmt: skip
    await scene.write(
        belongs(B, A, event="same"), decide(A, "reading", 21.0, NOON - DAY, event="corrected"), depends(A, HALL, True, NOON),
        now=NOON + 2 * MINUTE,
    )  # fmt: skip


@pytest.mark.neo4j
async def test_three_instants_on_two_axes_say_the_same_as_the_snapshot_s1(neo4j_server: ServerAddress, tmp_path: Path):
    async with opened(neo4j_server) as store:
        scene = await Scene.make(store, f"rdf-{uuid4().hex[:8]}")
        await history(scene)
        hashes = set()
        for valid, seq in product((NOON - DAY, NOON, NOON + 2 * MINUTE), (1, 2, 3)):
            at, path = At(valid, seq), tmp_path / f"{valid}-{seq}.nq"
            state = await store.state(scene.world, at)
            printed = world_state_view(
                state, head=await store.head(scene.world), config=await store.configuration(scene.world, seq)
            ).model_dump(mode="json")

            written, lines = await export_of(store, scene.world, at)
            path.write_bytes(lines)

            assert found_in(quads_of(lines)) == told_by(state), at
            assert hash_of_export(path) == (hash_of_snapshot(json.loads(json.dumps(printed))),) * 2, at
            assert hash_of_export(path)[0] == state_hash(state) == written.hash
            hashes.add(written.hash)
    assert len(hashes) >= 6


@pytest.mark.neo4j
async def test_a_conclusion_leads_through_its_rule_to_the_raw_line_that_it_rests_on_s22(
    neo4j_server: ServerAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    async with real_store(neo4j_server) as store:
        world = real_world(tmp_path / "plant", store)
        world.config["rules"] = [
            {"id": "hot", "cypher": HOT, "writes": ["mode"], "description": "what is hot is in alarm"}
        ]
        world.say(reading("t1", 99))
        await world.sync()
        head = await store.head(world.id)
        at = At(head.valid, head.seq)
        _, lines = await export_of(store, world.id, at, Form.NT)
        _, quads = await export_of(store, world.id, at)

    passed, _, report = pyshacl.validate(rdflib.Graph().parse(data=lines, format="nt"), shacl_graph=SHAPES)
    found = ox.Store()
    found.extend(quads_of(quads))
    chains = found.query(CHAIN, use_default_graph_as_union=True)
    assert passed, report
    assert [[term.value for term in chain] for chain in chains] == [
        ["alarm", "hot", "what is hot is in alarm", "99", "file:readings.jsonl:2"]
    ]


@pytest.mark.neo4j
async def test_the_database_and_the_memory_write_the_same_lines(neo4j_server: ServerAddress):
    world = f"rdf-{uuid4().hex[:8]}"
    async with opened(neo4j_server) as tested:
        stores = (MemoryStore(SteppingClock()), tested)
        stream = await lived(stores, world, 3, 25)
        head = await tested.head(world)

        for _ in range(4):
            at = At(stream.instant(), stream.chance.randint(0, head.seq))
            one, other = [quads_of(await exported(store, world, at)) for store in stores]
            assert timeless(one) == timeless(other), at


def timeless(quads: set[ox.Quad]) -> set[str]:
    """Without when it was committed, which is by each store's own clock."""
    commits = {quad.object for quad in quads if quad.predicate.value.endswith("#hasTime")}
    asked = {quad.object for quad in quads if quad.predicate.value.endswith("#asOf")}
    kept = {quad.object for quad in quads if quad.predicate.value.endswith("#hasBeginning")} | asked
    own = commits - kept
    skipped = {quad.subject for quad in quads if quad.predicate.value.endswith("#Commit")}
    return {
        str(quad)
        for quad in quads
        if quad.subject not in own
        and quad.object not in own
        and quad.subject not in skipped
        and not quad.predicate.value.endswith(("endedAtTime", "versionId"))
    }
