"""`graphtwin doctor`: what is wrong with this machine, and what to do about it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from graphtwin.cli.later import later

if TYPE_CHECKING:
    from graphtwin import settings
    from graphtwin.store.server import checkup
    from graphtwin.store.server.checkup import Check
else:
    settings, checkup = later("graphtwin.settings"), later("graphtwin.store.server.checkup")


def doctor(output: Annotated[str, typer.Option("--output", "-o", help="table or json")] = "table") -> None:
    """Check the machine, the folders and the database; exit code 1 when something is wrong."""
    checks = checkup.checkup(settings.load_settings())
    wrong = [check for check in checks if not check.ok]
    if output == "json":
        listed = [{"ok": check.ok, **asdict(check)} for check in checks]
        typer.echo(json.dumps({"ok": not wrong, "checks": listed}, indent=2))
    elif output == "table":
        for check in checks:
            _print(check)
        typer.echo(
            f"{len(wrong)} of {len(checks)} need something done." if wrong else "All is well. Next: graphtwin demo"
        )
    else:
        raise typer.BadParameter(f"{output} is neither table nor json", param_hint="--output")
    raise typer.Exit(1 if wrong else 0)


def _print(check: Check) -> None:
    typer.secho("OK   " if check.ok else "WRONG", fg="green" if check.ok else "red", nl=False)
    typer.echo(f" {check.name:<9} {check.finding}")
    if not check.ok:
        typer.echo(f"                -> {check.advice}")
