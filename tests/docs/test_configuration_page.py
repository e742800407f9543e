"""reference/configuration.md: its examples can be used, and its mistakes are told as it shows."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from docs.tour import ROOT
from jsonschema import Draft202012Validator

from graphtwin.cli import run
from graphtwin.methods.mapping import check_sources
from graphtwin.methods.strata import stratify
from graphtwin.model.load import parse_input
from graphtwin.settings import load_settings

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
