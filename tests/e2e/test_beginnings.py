"""Data that nobody prepared, from `init` to a snapshot: public tables, recorded signals, and a real database."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from itertools import islice
from pathlib import Path

import pytest
import pytest_asyncio
from docs.tour import Shown, play
from e2e.real_world import real_store
from e2e.small_world import memory

from graphtwin.app.begin import begin
from graphtwin.app.sync import sync_in
from graphtwin.settings import Settings
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

DATA = Path(__file__).parents[3] / "shared" / "data"
ROWS = 60

public = pytest.mark.skipif(not DATA.exists(), reason=f"the public data sets are not at {DATA}")


def beginning_of(path: Path, folder: Path, rows: int = ROWS) -> Path:
    """The first rows of a large table, under its own name."""
    copy = folder / path.parent.name / path.name
    copy.parent.mkdir()
    with path.open(encoding="utf-8-sig") as file:
        copy.write_text("".join(islice(file, rows + 1)), "utf-8")
    return copy


@public
@pytest.mark.parametrize(
    ("table", "types", "attribute"),
    [
        ("identity/abt_buy/records.csv", ["abt_buy"], "description"),
        ("identity/building_sdh/records.csv", ["Equipment", "Point"], "path"),
        ("identity/cddb/records.csv", None, "artist"),
        ("identity/dblp_acm/records.csv", ["dblp_acm"], "venue"),
        ("identity/fake_1000/records.csv", ["fake"], "surname"),
        ("identity/febrl4/records.csv", ["febrl4"], "suburb"),
        ("identity/restaurants/records.csv", ["restaurant"], "phone_number"),
    ],
)
async def test_a_public_table_becomes_typed_entities(
    tmp_path: Path, table: str, types: Sequence[str] | None, attribute: str
):
    copy = beginning_of(DATA / table, tmp_path)
    store = memory()

    begun = await begin("unseen", [str(copy)], tmp_path)
    outcome = await sync_in(store, begun.twin)

    state = await store.state("unseen")
    config = await store.configuration("unseen")
    assert (outcome.exit_code, outcome.report.confidence) == (0, 1)
    assert await store.quarantined("unseen") == ()
    assert len(state.entities) == ROWS
    assert {one.type for one in state.entities.values()} <= set(types or config.types)
    assert any(attribute in one.reported for one in state.entities.values())


@public
@pytest.mark.parametrize(
    ("table", "variable"),
    [
        ("signals/citylearn_load/series.csv", "y"),
        ("signals/nab/series/realKnownCause__ambient_temperature_system_failure.csv", "value"),
        ("signals/skab/series/valve1__0.csv", "Temperature"),
    ],
)
async def test_recorded_signals_become_variables_with_a_past(tmp_path: Path, table: str, variable: str):
    copy = beginning_of(DATA / table, tmp_path)
    store = memory()

    begun = await begin("unseen", [str(copy)], tmp_path)
    await sync_in(store, begun.twin)

    [entity] = (await store.state("unseen")).entities.values()
    config = await store.configuration("unseen")
    assert isinstance(entity.reported[variable].value, float)
    assert config.types[entity.type].variables[variable].datatype == "number"
    assert len(await store.history("unseen", entity.id, variable)) == ROWS
    assert await store.quarantined("unseen") == ()


@public
@pytest.mark.parametrize(
    ("document", "types"),
    [
        ("aas/full_example.json", {"AssetAdministrationShell", "Submodel", "ConceptDescription"}),
        ("adt-explorer/PowerLine.json", {"Interface", "Property", "Relationship", "Enum"}),
        ("rec/edge_to_cloud.json", {"edge_to_cloud", "actuation_response", "exception"}),
        ("wot/mqtt-calculator.td.json", {"Thing"}),
        ("dtdl-samples/DTDL.v2.context.json", {"vocab"}),
    ],
)
async def test_a_public_document_becomes_typed_entities(tmp_path: Path, document: str, types: set[str]):
    store = memory()

    begun = await begin("unseen", [str(DATA / "models" / document)], tmp_path)
    outcome = await sync_in(store, begun.twin)

    state = await store.state("unseen")
    assert outcome.exit_code == 0
    assert await store.quarantined("unseen") == ()
    assert types <= {one.type for one in state.entities.values()}


@public
async def test_two_public_tables_that_name_each_other_become_a_graph(tmp_path: Path):
    things, links = (DATA / "identity" / "building_sdh" / f"{name}.csv" for name in ("records", "relationships"))
    store = memory()
    names = {line.split(",")[0] for line in islice(things.open(), 3000)}
    rows = [line for line in islice(links.open(), 1, None) if names >= {line.split(",")[0], line.strip().split(",")[2]}]
    wanted = {part for line in rows[:30] for part in (line.split(",")[0], line.strip().split(",")[2])}
    (tmp_path / "links.csv").write_text("from_id,type,to_id\n" + "".join(rows[:30]))
    lines = things.read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "points.csv").write_text(lines[0] + "".join(one for one in lines[1:] if one.split(",")[0] in wanted))

    begun = await begin("sdh", [str(tmp_path / "points.csv"), str(tmp_path / "links.csv")], tmp_path)
    outcome = await sync_in(store, begun.twin)

    state = await store.state("sdh")
    assert outcome.exit_code == 0
    assert len([edge for edge in state.edges.values() if edge.relation == "to"]) == 30
    assert state.loose == ()


@pytest.mark.neo4j
@pytest.mark.timeout(600)
def test_an_unseen_table_is_a_snapshot_after_three_commands(
    neo4j_server: ServerAddress, neo4j_settings: Settings, tmp_path: Path
):
    (tmp_path / "chillers.csv").write_text(
        "\ufefftag;site;supply temp (°C);load [kW];last_seen\n"
        "CH-1;North;6,5;1.234,5;2026-01-15T16:00:00Z\nCH-2;South;7,25;980;2026-01-15T16:00:00Z\n",
        "utf-8",
    )
    commands = (
        "graphtwin init cooling --from chillers.csv",
        "graphtwin sync twin.yaml -o json",
        "graphtwin snapshot cooling -o json",
    )
    environment = {"GRAPHTWIN_HOME": str(neo4j_settings.home), "GRAPHTWIN_CONFIG": str(tmp_path / "config")}

    played = play([Shown(command, ()) for command in commands], tmp_path, environment)

    assert [one.exit_code for one in played] == [0, 0, 0], played[-1].output
    assert "Next: graphtwin sync twin.yaml" in played[0].output
    assert json.loads(played[1].output)["status"] == "synced"
    snapshot = json.loads(played[2].output)
    assert {one["id"] for one in snapshot["state"]["entities"]} == {"chiller:local/CH-1", "chiller:local/CH-2"}
    assert "1234.5" in played[2].output


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def store(neo4j_server: ServerAddress) -> AsyncIterator[Neo4jStore]:
    async with real_store(neo4j_server) as opened:
        yield opened


@pytest.mark.neo4j
@pytest.mark.timeout(600)
async def test_a_file_without_types_begins_a_world_in_a_real_database_too(tmp_path: Path, store: Neo4jStore):
    units = [{"id": f"unit-{n}", "temperature": 20.5 + n, "zone": f"zone-{n % 3}"} for n in range(40)]
    zones = [{"id": f"zone-{n}", "area_m2": 90.5} for n in range(3)]
    (tmp_path / "status.json").write_text(json.dumps({"units": units, "zones": zones}))
    twin = tmp_path / "short.yaml"
    twin.write_text(
        "world_id: begun-short\nsources:\n  - {type: file, endpoint: 'file://status.json'}\nsync_mode: incremental\n"
    )

    outcomes = [await sync_in(store, twin), await sync_in(store, twin, mode="full")]

    calm = memory()
    await sync_in(calm, twin_of(twin, tmp_path / "calm"))
    held = await store.configuration("begun-short")
    assert [one.exit_code for one in outcomes] == [0, 0]
    assert held.inspected
    assert held.hash() == (await store.head("begun-short")).configuration
    assert outcomes[0].report.twin_snapshot.hash == (await calm.head("begun-short")).hash
    assert (await store.verify("begun-short")).problems == ()


def twin_of(twin: Path, folder: Path) -> Path:
    """The same world in a folder of its own, so that each has its own audit log."""
    folder.mkdir()
    (folder / "status.json").write_bytes((twin.parent / "status.json").read_bytes())
    copy = folder / twin.name
    copy.write_bytes(twin.read_bytes())
    return copy
