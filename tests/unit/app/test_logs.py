"""The program's own log: events with fields on standard error, silent below the level that is asked for."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from e2e.small_world import SmallWorld

from graphtwin.app.logs import LOGGER, configure_log


@pytest.fixture
def _no_handlers_left() -> Iterator[None]:
    logger = logging.getLogger(LOGGER)
    before, level, propagate = list(logger.handlers), logger.level, logger.propagate
    logger.handlers.clear()
    yield
    logger.handlers[:] = before
    logger.setLevel(level)
    logger.propagate = propagate


@pytest.mark.usefixtures("_no_handlers_left")
async def test_each_step_is_an_event_with_its_fields(plant: SmallWorld, capsys: pytest.CaptureFixture[str]):
    configure_log("info")

    outcome = await plant.sync()

    printed = capsys.readouterr()
    events = [json.loads(line) for line in printed.err.splitlines()]
    steps = [event["step"] for event in events if event["run"] == outcome.run_id]
    assert sorted(steps[:2]) == ["receive", "search"]  # they run side by side
    assert steps[-1] == "summarize"
    assert all(event["level"] == "info" and event["world"] == plant.id for event in events)
    assert printed.out == ""


@pytest.mark.usefixtures("_no_handlers_left")
async def test_nothing_is_said_below_the_level(plant: SmallWorld, capsys: pytest.CaptureFixture[str]):
    configure_log("warning")

    await plant.sync()

    assert capsys.readouterr().err == ""
