"""The README's tour works as it is written."""

from __future__ import annotations

import pytest
from docs.conftest import Pumphouse
from docs.tour import ROOT, steady, tour

STEPS = tour((ROOT / "README.md").read_text("utf-8"))

pytestmark = [pytest.mark.neo4j, pytest.mark.timeout(900)]  # fifteen programs, on machines that do other things too


def test_the_tour_is_there():
    commands = [step.command.split()[1] for step in STEPS if step.command.startswith("graphtwin")]

    assert {
        "init",
        "source",
        "sync",
        "why",
        "history",
        "snapshot",
        "diff",
        "query",
        "serve",
        "apply",
        "verify",
        "export",
    } <= set(commands)


@pytest.mark.parametrize("number", range(len(STEPS)), ids=lambda number: STEPS[number].command[:60])
def test_a_command_does_what_the_page_shows(pumphouse: Pumphouse, number: int):
    assert number < len(pumphouse.played), f"stopped at: {pumphouse.played[-1]}"
    step = pumphouse.played[number]

    answered = [steady(line) for line in step.output.splitlines()]

    assert step.exit_code == 0, step.output
    for line in step.shown.lines:
        assert any(steady(line) in one for one in answered), f"{line}\nisn't in\n{step.output}"


def test_the_tour_leaves_a_report_to_look_at(pumphouse: Pumphouse):
    reports = sorted(pumphouse.folder.glob("runs/*/report.html"))

    assert len(reports) == 2
    assert "drifted" in reports[-1].read_text("utf-8")
