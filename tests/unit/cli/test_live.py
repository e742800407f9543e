"""The line that says what is going on: only where somebody watches, only when it takes long."""

from __future__ import annotations

import io
import time

from rich.console import Console

from graphtwin.cli.live import PATIENCE_S, live


def test_nothing_is_drawn_where_nobody_watches() -> None:
    written = io.StringIO()

    with live("Syncing", Console(file=written)) as watch:
        watch.step("receive", "start")
        watch.say("A sentence [that] stays")

    assert written.getvalue() == "A sentence [that] stays\n"


def test_a_terminal_sees_the_step_that_takes_long() -> None:
    written = io.StringIO()

    with live("Syncing", Console(file=written, force_terminal=True)) as watch:
        watch.step("detect_anomaly", "start")
        time.sleep(PATIENCE_S + 0.5)

    assert "Syncing · detect-anomaly" in written.getvalue()


def test_a_terminal_sees_nothing_of_what_is_over_at_once() -> None:
    written = io.StringIO()

    with live("Syncing", Console(file=written, force_terminal=True)) as watch:
        watch.step("detect_anomaly", "start")

    assert "Syncing" not in written.getvalue()
