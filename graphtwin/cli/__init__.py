"""The command line: parses, calls graphtwin.app, prints. It decides nothing."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Final

import typer

from graphtwin.cli import audit, claim, db, identity, plan, runs, source, user, world
from graphtwin.cli.acting import act, freeze, unfreeze
from graphtwin.cli.bench import bench
from graphtwin.cli.configure import apply, init
from graphtwin.cli.doctor import doctor
from graphtwin.cli.doors import AppDoors, Doors, through
from graphtwin.cli.explain import history, why
from graphtwin.cli.export import export
from graphtwin.cli.failure import INTERRUPTED, tell, tell_system, tell_unexpected, wants_debug
from graphtwin.cli.judge import drift, risk
from graphtwin.cli.naming import SeveralWorlds
from graphtwin.cli.over_there import must_be_served
from graphtwin.cli.query import query
from graphtwin.cli.read import diff, snapshot
from graphtwin.cli.rollback import rollback
from graphtwin.cli.serve import serve
from graphtwin.cli.sync import demo, sync
from graphtwin.cli.trust import hash_, rebuild, verify
from graphtwin.cli.watch import watch
from graphtwin.errors import GraphtwinError

_RARELY: Final = (100_000, 50, 100)
"""When the garbage collector looks for cycles: what a sync makes lives to its end, and looking through it again and again
cost a third of its time."""
_BEGIN, _READ, _DECIDE, _TRUST, _RUN = "Begin and sync", "Read and understand", "Decide", "Trust", "Run"

app = typer.Typer(
    name="graphtwin",
    help="A digital twin that stays true to a real system, and shows the evidence for every value.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(rich_help_panel=_BEGIN)(demo)
app.command(rich_help_panel=_BEGIN)(init)
app.command(rich_help_panel=_BEGIN)(sync)
app.command(rich_help_panel=_BEGIN)(watch)
app.command(rich_help_panel=_BEGIN)(apply)
app.add_typer(source.app, name="source", rich_help_panel=_BEGIN)
app.add_typer(world.app, name="world", rich_help_panel=_READ)
app.command(rich_help_panel=_READ)(snapshot)
app.command(rich_help_panel=_READ)(diff)
app.command(rich_help_panel=_READ)(history)
app.command(rich_help_panel=_READ)(why)
app.command(rich_help_panel=_READ)(drift)
app.command(rich_help_panel=_READ)(risk)
app.command(rich_help_panel=_READ)(query)
app.command(rich_help_panel=_READ)(export)
app.add_typer(plan.app, name="plan", rich_help_panel=_DECIDE)
app.command(rich_help_panel=_DECIDE)(act)
app.command(rich_help_panel=_DECIDE)(freeze)
app.command(rich_help_panel=_DECIDE)(unfreeze)
app.add_typer(claim.app, name="claim", rich_help_panel=_DECIDE)
app.command(rich_help_panel=_DECIDE)(rollback)
app.add_typer(identity.app, name="identity", rich_help_panel=_DECIDE)
app.add_typer(user.app, name="user", rich_help_panel=_DECIDE)
app.command(rich_help_panel=_TRUST)(verify)
app.command(rich_help_panel=_TRUST)(rebuild)
app.command(name="hash", rich_help_panel=_TRUST)(hash_)
app.add_typer(audit.app, name="audit", rich_help_panel=_TRUST)
app.add_typer(runs.app, name="run", rich_help_panel=_RUN)
app.add_typer(db.app, name="db", rich_help_panel=_RUN)
app.command(rich_help_panel=_RUN)(serve)
app.command(rich_help_panel=_RUN)(doctor)
app.command(rich_help_panel=_RUN)(bench)


@app.callback(invoke_without_command=True)
def graphtwin(
    context: typer.Context,
    debug: Annotated[  # noqa: ARG001 - read by `run`, which is there when a command fails
        bool, typer.Option("--debug", help="Show the whole story when graphtwin itself fails.")
    ] = False,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="GRAPHTWIN_SERVER",
            show_envvar=False,
            help="Ask a `graphtwin serve` there instead of the database, with the key in GRAPHTWIN_API_KEY or your key file.",
        ),
    ] = None,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """A digital twin that stays true to a real system, and shows the evidence for every value."""
    if show_version:
        typer.echo(_version())
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
    elif server:
        must_be_served(context.invoked_subcommand)
        through(context, server)


def _version() -> str:
    try:
        return version("graphtwin")
    except PackageNotFoundError:
        return "not installed"


def run(arguments: Sequence[str], doors: Doors | None = None) -> int:
    """The exit code of a command line; `doors` lets a test stand something else behind the commands."""
    given = list(arguments)
    reached = doors or AppDoors()
    try:
        app(given, prog_name="graphtwin", obj=reached)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except GraphtwinError as error:
        if isinstance(error, SeveralWorlds):
            error.hint = f"Name one: {error.to_paste(given)}"
        return tell(error)
    except OSError as error:
        return tell_system(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one place where a defect becomes a sentence
        return tell_unexpected(error, _home(reached), debug=wants_debug(given))
    return 0


def _home(doors: Doors) -> Path:
    """Where the log of defects goes; the working folder when even the settings can't be read."""
    try:
        return doors.home
    except GraphtwinError:
        return Path()


def main() -> None:
    """The program `graphtwin`."""
    gc.set_threshold(*_RARELY)
    sys.exit(run(sys.argv[1:]))
