"""reference/configuration.md: its examples can be used, and its mistakes are told as it shows."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from docs.tour import ROOT, Shown, play
from jsonschema import Draft202012Validator

from graphtwin.app.adapters import SystemClock
from graphtwin.app.sync import sync_in
from graphtwin.cli import run
from graphtwin.methods.reading.mapping import check_sources
from graphtwin.methods.rules.strata import stratify
from graphtwin.model.configuration.load import parse_input
from graphtwin.settings import Settings, load_settings
from graphtwin.store.memory import MemoryStore
from graphtwin.store.server import ServerAddress

PAGE = (ROOT / "reference" / "configuration.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
TWINS = [block for block in BLOCKS if "sources:" in block]
SCHEMA = json.loads((ROOT / "reference" / "twin.schema.json").read_text("utf-8"))

MISTAKEN = """\
world:
  id: x

sources:
  things:
    type: file
    path: things.csv
    mapping:
      type: machin

types:
  machine:
    variables:
      temperature: {unit: Cel, spn: 20}
"""


@pytest.mark.parametrize("text", TWINS, ids=lambda text: str(yaml.safe_load(text).get("world", {}).get("id", "short")))
def test_an_example_can_be_used(text: str):
    config = parse_input(text).config

    check_sources(config)
    stratify(config.rules)


@pytest.mark.parametrize("text", [text for text in TWINS if "world_id" not in text])
def test_an_example_obeys_the_published_schema(text: str):
    assert list(Draft202012Validator(SCHEMA).iter_errors(yaml.safe_load(text))) == []


def test_mistakes_are_told_as_the_page_shows(tmp_path, capsys):
    (tmp_path / "twin.yaml").write_text(MISTAKEN)
    shown = re.findall(r"^```text\n(Error: twin.yaml.*?)```", PAGE, re.DOTALL | re.MULTILINE)

    code = run(["source", "test", str(tmp_path / "twin.yaml")])

    assert code == 2
    assert capsys.readouterr().err == shown[0]


def test_the_settings_file_can_be_read(tmp_path, monkeypatch):
    [text] = [block for block in BLOCKS if block.startswith("# settings.yaml")]
    (tmp_path / "settings.yaml").write_text(text)
    monkeypatch.setenv("GRAPHTWIN_SETTINGS_FILE", str(tmp_path / "settings.yaml"))
    monkeypatch.delenv("GRAPHTWIN_NEO4J__HEAP_MB", raising=False)

    settings = load_settings()

    assert (settings.neo4j.heap_mb, settings.neo4j.page_cache_mb) == (1024, 512)


def example(world: str) -> str:
    [text] = [text for text in TWINS if yaml.safe_load(text).get("world", {}).get("id") == world]
    return text


async def test_the_pumps_of_two_sources_become_one_and_those_that_must_not_stay_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    (tmp_path / "twin.yaml").write_text(example("pumps"))
    (tmp_path / "bus.jsonl").write_text(
        '{"number": 17, "serial": "S1", "at": "2026-01-01T00:00:00", "flow": {"value": 600, "unit": "L/min"}, "target": 12}\n'
    )
    (tmp_path / "pumps.csv").write_text("id,serial,room\nP-17,S1,rooms:cellar\nP-18,S2,rooms:cellar\nP-19,S2,\n")
    (tmp_path / "rooms.yaml").write_text("- {id: cellar, name: The cellar}\n")
    store = MemoryStore(SystemClock())

    outcome = await sync_in(store, tmp_path / "twin.yaml")

    state = await store.state("pumps")
    pump = state.entities["pump:local/pump-17"]
    assert outcome.exit_code == 0
    assert set(pump.records) == {"book:P-17", "bus:17", "model:pump:local/pump-17"}
    assert (pump.reported["flow"].value, pump.desired["flow_set"].value, pump.expected["flow"].value) == (10, 12, 12)
    assert len([one for one in state.entities.values() if one.type == "pump"]) == 3
    located = [edge for edge in state.edges.values() if edge.layer == "reported" and edge.subject == pump.id]
    assert [edge.object for edge in located] == ["room:local/cellar"]


@pytest.mark.neo4j
@pytest.mark.timeout(600)
def test_the_rules_of_the_example_cut_a_service_off_and_propose_the_remedy(
    neo4j_server: ServerAddress, neo4j_settings: Settings, tmp_path
):
    (tmp_path / "twin.yaml").write_text(example("web"))
    services = "services:\n- {id: shop, health: up, depends_on: [orders]}\n- {id: orders, health: down}\n"
    (tmp_path / "services.yaml").write_text(services)
    environment = {"GRAPHTWIN_HOME": str(neo4j_settings.home), "GRAPHTWIN_CONFIG": str(tmp_path / "config")}

    [played] = play([Shown("graphtwin sync twin.yaml --details -o json", ())], tmp_path, environment)

    report = json.loads(played.output)
    found = {(one["kind"], one["entity"]) for one in report["details"]["findings"]}
    proposed = {
        (step["action"], step["entity"]) for step in report["details"]["plan"]["steps"] if step["kind"] == "action"
    }
    assert report["status"] == "drift_detected"
    assert {("rule", "service:local/shop"), ("value", "service:local/orders")} <= found
    assert proposed == {("restart", "service:local/shop"), ("restart", "service:local/orders")}
