"""The published reference: the files are the model's own words, and they accept what the model accepts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from graphtwin.model.published.publish import reference_documents

STANDARD = Path(__file__).resolve().parents[3] / "golden" / "standard"
EVENT: dict[str, Any] = yaml.safe_load((STANDARD / "event.yaml").read_text(encoding="utf-8"))
SYNC_REPORT: dict[str, Any] = yaml.safe_load((STANDARD / "sync_report.yaml").read_text(encoding="utf-8"))
WORLD_STATE: dict[str, Any] = yaml.safe_load((STANDARD / "world_state.yaml").read_text(encoding="utf-8"))


REFERENCE = Path(__file__).resolve().parents[4] / "reference"
DOCUMENTS = reference_documents()


def embedded_schema(file: str, key: str) -> dict[str, Any]:
    """A YAML document's schema with its types beside it, so that `#/types/...` resolves."""
    document = yaml.safe_load(DOCUMENTS[file])
    return {**document[key], "types": document["types"]}


SCHEMAS: dict[str, dict[str, Any]] = {
    "report": json.loads(DOCUMENTS["sync_report.schema.json"]),
    "twin": json.loads(DOCUMENTS["twin.schema.json"]),
    "world state": embedded_schema("world_state_schema.yaml", "world_state"),
    "event": embedded_schema("event_schema.yaml", "event"),
    "identity": embedded_schema("identity_resolution_policy.yaml", "outputs"),
}


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_reference_file_is_what_the_model_says(name: str) -> None:
    published = (REFERENCE / name).read_text(encoding="utf-8")

    assert published == DOCUMENTS[name], f"reference/{name} is out of date; run: python scripts/publish_reference.py"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_published_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(
    ("name", "document"), [("report", SYNC_REPORT), ("world state", WORLD_STATE), ("event", EVENT)]
)
def test_a_published_schema_accepts_a_document_of_the_standard(name: str, document: dict[str, Any]) -> None:
    assert list(Draft202012Validator(SCHEMAS[name]).iter_errors(document)) == []


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("report", {**SYNC_REPORT, "confidence": 1.5}),
        ("report", {**SYNC_REPORT, "extra": 1}),
        ("report", {name: value for name, value in SYNC_REPORT.items() if name != "rollback"}),
        ("world state", {**WORLD_STATE, "entities": [{"id": "a"}]}),
        ("event", {**EVENT, "severity": "fatal"}),
    ],
)
def test_a_published_schema_refuses_what_the_model_refuses(name: str, document: dict[str, Any]) -> None:
    assert list(Draft202012Validator(SCHEMAS[name]).iter_errors(document)) != []


def test_the_pattern_that_the_requirement_cites_has_its_heading() -> None:
    text = (REFERENCE / "composition_patterns.md").read_text(encoding="utf-8")

    assert "## Checkpoint-act-verify-rollback\n" in text
    assert all(heading in text for heading in ("before a sync", "after a sync", "Anti-patterns"))
