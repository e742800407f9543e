"""The commands as a whole: all there, all documented, all with help."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from graphtwin.cli import app

ROOT = Path(__file__).resolve().parents[3]

PROMISED = """
    init, sync, demo, snapshot, diff, history, why, drift, risk, world list, world show, source test, source quarantine,
    audit show, audit verify, verify, rebuild, hash, apply, db start, db stop, db status, db logs, db shell, db browser,
    doctor, bench, user add, user list, user revoke,
    plan list, plan show, plan approve, plan reject, act, freeze, unfreeze, run list, run show, run resume, run watch, watch
"""


@pytest.fixture(scope="module")
def publisher() -> ModuleType:
    spec = importlib.util.spec_from_file_location("publish_cli", ROOT / "scripts" / "publish_cli.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def all_commands(publisher: ModuleType) -> dict[str, Any]:
    root = typer.main.get_command(app)
    return {" ".join(path[1:]): command for path, command in publisher.commands(root, ("graphtwin",))}


def test_every_promised_command_is_there(publisher: ModuleType) -> None:
    promised = {" ".join(name.split()) for name in PROMISED.split(",")}

    assert promised <= all_commands(publisher).keys()


def test_the_reference_page_is_as_generated(publisher: ModuleType) -> None:
    page = (ROOT / "reference" / "cli.md").read_text(encoding="utf-8")

    assert page == publisher.page()


def test_every_command_and_option_stands_on_the_page_with_an_explanation(publisher: ModuleType) -> None:
    page = publisher.page()

    for name, command in all_commands(publisher).items():
        assert f"`graphtwin {name}".rstrip() in page
        assert command.help, f"{name} has no help"
        arguments, options = publisher.parameters(command)
        for parameter in (*arguments, *options):
            assert parameter.help, f"{name} {parameter.name} has no help"
        assert all(f"`{spelling}`" in page for option in options for spelling in option.opts)


def test_help_needs_neither_database_nor_settings(graphtwin: Callable[..., Any]) -> None:
    answer = graphtwin("--help")

    assert answer.code == 0
    assert "sync" in answer.out


def test_the_version_is_printed(graphtwin: Callable[..., Any]) -> None:
    answer = graphtwin("--version")

    assert (answer.code, bool(answer.out.strip())) == (0, True)
