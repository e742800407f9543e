"""What is generated in reference/ is what the code says, and what is written by hand names what the code has."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from types import ModuleType

import pytest
from docs.tour import ROOT

from graphtwin import errors
from graphtwin.settings import Neo4jSettings, Settings
from graphtwin.store.neo4j.cypher_files import statements
from graphtwin.workflows.digital_twin_sync import SYNC_LOOP
from graphtwin.workflows.world_model_build import WORLD_MODEL_BUILD

REFERENCE = ROOT / "reference"


def script(name: str) -> ModuleType:
    """A program of scripts/, which is no package."""
    folder = str(ROOT / "scripts")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)


PUBLISHED = script("publish_reference").published()
SECTIONS = script("generated_sections")


def text(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_a_generated_file_is_what_the_code_says(name: str):
    assert text(name) == PUBLISHED[name], f"reference/{name} is out of date; run: make docs"


def test_every_generated_part_stands_on_exactly_one_page():
    asked = [part for name in SECTIONS.PAGES for part in re.findall(r"<!-- generated: ([a-z .-]+) -->", text(name))]

    assert sorted(asked) == sorted(SECTIONS.PARTS)


def test_every_step_has_a_place_on_the_workflow_page():
    page = text("workflow.md")

    for step in SYNC_LOOP.steps:
        assert f". {step.definition.capability}\n\n{step.definition.purpose}" in page
    for step in WORLD_MODEL_BUILD.steps:
        assert f"| `{step.name}` | {step.definition.purpose} |" in page


def test_every_error_is_told_with_its_meaning_and_a_next_move():
    rows = {row.split("`")[1]: row for row in text("errors.md").splitlines() if row.startswith("| ") and "`" in row}

    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.GraphtwinError) and kind is not errors.GraphtwinError:
            _, code, again, meaning, move = (cell.strip() for cell in rows[name].strip("| ").split(" | "))
            assert (code, again) == (str(kind.exit_code), "yes" if kind.retryable else "no")
            assert len(meaning) > 10
            assert len(move) > 10


def test_the_tree_at_the_top_of_the_errors_names_every_error():
    tree = errors.__doc__ or ""

    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, errors.GraphtwinError):
            assert re.search(rf"\b{name}\b", tree), f"{name} isn't in the tree of graphtwin/errors.py"


@pytest.mark.parametrize(("path", "model"), list(SECTIONS.twin_models()), ids=str)
def test_every_field_of_twin_yaml_says_what_it_means(path: str, model: type):
    silent = [name for name, field in model.model_fields.items() if not field.description]

    assert silent == []
    assert model.__doc__, f"{path} needs a docstring"


@pytest.mark.parametrize("model", [Settings, Neo4jSettings])
def test_every_setting_says_what_it_means(model: type):
    assert [name for name, field in model.model_fields.items() if not field.description] == []


def test_every_environment_variable_of_the_code_is_explained():
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "graphtwin").rglob("*.py"))
    page = text("configuration.md")

    named = {name.rstrip("_") for name in re.findall(r"\bGRAPHTWIN_[A-Z][A-Z0-9_]*", code)}

    assert sorted(name for name in named if f"`{name}`" not in page) == []


def test_every_statement_of_the_store_is_listed():
    page = text("cypher.md")

    assert [name for name in statements() if f"](../cypher/{name}.cypher)" not in page] == []


def test_every_system_label_is_explained():
    used = {label for one in statements().values() for label in re.findall(r":(Gt[A-Z]\w+)", one.text)}
    page = text("architecture.md")

    assert sorted(label for label in used if f"| `{label}` | " not in page) == []


def test_every_place_that_the_architecture_names_exists():
    page = text("architecture.md")
    named = re.findall(r"`((?:graphtwin|cypher|examples|tests|reference)/[\w/.]*)`", page)

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_command_of_the_readme_and_of_the_pages_is_one():
    headings = re.findall(r"^#+ `graphtwin ([a-z ]+)", text("cli.md"), re.MULTILINE)
    known = {heading.strip() for heading in headings}
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *REFERENCE.glob("*.md")]

    for page in pages:
        for words in re.findall(r"(?:`|\$ )graphtwin ((?:[a-z]+ ?)+)", page.read_text("utf-8")):
            first, *rest = words.split()
            assert first in known or any(one.startswith(f"{first} ") for one in known), f"{page.name}: {words}"
            if any(one.startswith(f"{first} ") for one in known) and rest and first != "init":
                assert f"{first} {rest[0]}" in known, f"{page.name}: graphtwin {words}"


def test_every_make_target_of_the_pages_is_one():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *REFERENCE.glob("*.md")]

    named = {
        name for page in pages for name in re.findall(r"(?:`|^)make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE)
    }

    assert {"demo", "test"} <= named <= targets
