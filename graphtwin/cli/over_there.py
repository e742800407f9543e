"""How runs and rollbacks on a server are told: what it answered, in few lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from graphtwin.cli.failure import leave
from graphtwin.cli.output import Form, next_step, printed, say
from graphtwin.errors import UsageError

if TYPE_CHECKING:
    from graphtwin.client.server import Server

SERVED: Final = frozenset(
    {
        "act", "audit", "claim", "diff", "drift", "freeze", "history", "identity", "plan", "query", "risk", "rollback", "run",
        "snapshot", "source", "sync", "unfreeze", "user", "why", "world",
    }
)  # fmt: skip
"""Commands that have something to ask of a server."""


def must_be_served(command: str) -> None:
    """Raises UsageError for a command that needs the database itself, or the files beside it."""
    if command not in SERVED:
        raise UsageError(
            f"graphtwin {command} can't be asked of a server.",
            hint=f"run it without --server where the database is; a server answers: {', '.join(sorted(SERVED))}",
        )


def tell_run(there: Server, world: str, answer: Mapping[str, Any], output: Form) -> None:
    """A sync or an act that a server did; the exit code is the one that it would have had here."""
    report = answer["report"] or {}
    told = {"world": world, "run": answer["run"], "status": answer["status"], "version": answer["version"]}
    if not printed({**told, "report": report}, output):
        say(Text(str(answer["status"]).replace("_", " "), "bold"), f"  {world} {answer['version']}  {answer['run']}")
        for trigger in (report.get("drift_report") or {}).get("triggers", ()):
            say(Text("Drift     ", "bold"), trigger)
        for change in (report.get("actions") or {}).get("changes", ()):
            say(Text("Did       ", "bold"), change)
        next_step(f"graphtwin --server {there.root} run show {world} {answer['run']}")
    leave(int(answer["exitCode"] or 0))


def tell_restored(there: Server, world: str, answer: Mapping[str, Any], output: Form) -> None:
    """A rollback to a version that a server did."""
    told = {
        "world": world, "run": answer["run"], "restore_point": answer["restorePoint"], "before": answer["before"],
        "version": answer["version"], "cells": answer["cells"], "hash_before": answer["hashBefore"],
        "hash_after": answer["hashAfter"], "differs": answer["differs"],
    }  # fmt: skip
    if printed(told, output):
        return
    say(Text(f"{world}  {answer['before']} → what {answer['restorePoint']} knew", "bold"))
    say(f"{answer['cells']} cells restored, as {answer['version']}" if answer["cells"] else "Nothing differs.")
    next_step(f"graphtwin --server {there.root} diff {world} {answer['before']} {answer['version']}")
