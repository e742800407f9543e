"""`graphtwin db`: the database server of this user, started, stopped, looked at and asked."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from graphtwin.cli.later import later
from graphtwin.cli.output import table
from graphtwin.cli.server_progress import terminal_progress
from graphtwin.errors import NotFound, Unavailable, UsageError

if TYPE_CHECKING:
    from graphtwin import settings as settings_
    from graphtwin.settings import Settings
    from graphtwin.store import server
    from graphtwin.store.server import ServerAddress, ServerStatus, process
    from graphtwin.store.server import home as homes
    from graphtwin.store.server import shell as shells
    from graphtwin.store.server.shell import QueryResult
else:
    settings_, server = later("graphtwin.settings"), later("graphtwin.store.server")
    homes, process = later("graphtwin.store.server.home"), later("graphtwin.store.server.process")
    shells = later("graphtwin.store.server.shell")

app = typer.Typer(help="The database: start, stop, look, ask.", no_args_is_help=True)

Output = Annotated[str, typer.Option("--output", "-o", help="table, json or yaml")]
POLL_S = 0.3

ADVICE = {
    "running": "Next: graphtwin db browser",
    "external": "Next: graphtwin db shell",
    "starting": "Next: wait, or watch it with: graphtwin db logs -f",
    "unresponsive": "Next: graphtwin db logs; then graphtwin db stop && graphtwin db start",
    "crashed": "Next: graphtwin db start (nothing that was committed is lost)",
    "stopped": "Next: graphtwin db start",
    "unreachable": "Next: check GRAPHTWIN_NEO4J__URI, and that this server runs",
}


@app.command()
def start() -> None:
    """Start the database, or say that it runs. The first start fetches the server (about 180 MB)."""
    settings = settings_.load_settings()
    server.require_ours(settings, "start")
    already = server.status(settings).answers
    with terminal_progress() as progress:
        address = server.ensure_running(settings, progress)
    typer.echo(f"Neo4j {'was already running' if already else 'is running'} at {address.uri}, home {address.home}")
    typer.echo(ADVICE["running"])


@app.command(name="stop")
def stop_() -> None:
    """Stop the database gently."""
    with terminal_progress() as progress:
        stopped = server.stop(settings_.load_settings(), progress)
    typer.echo("Neo4j has stopped." if stopped else "Neo4j wasn't running.")
    typer.echo(ADVICE["stopped"])


@app.command(name="status")
def status_(output: Output = "table") -> None:
    """Tell how the database stands; exit code 0 when it answers, else 8."""
    seen = server.status(settings_.load_settings())
    if output == "table":
        _print_status(seen)
    else:
        _print_data(asdict(seen), output)
    raise typer.Exit(0 if seen.answers else Unavailable.exit_code)


@app.command()
def logs(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on until Ctrl-C")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="how many of the last lines")] = 50,
    debug: Annotated[bool, typer.Option("--debug", help="the detailed log")] = False,
) -> None:
    """Show what the database server has printed."""
    settings = settings_.load_settings()
    server.require_ours(settings, "read the logs of")
    home = homes.ServerHome.of(settings.home)
    log = home.debug_log if debug else home.console_log
    if not log.exists():
        raise NotFound(f"There is no log at {log}: the database was never started.", hint="graphtwin db start")
    for line in process.last_lines(log, lines):
        typer.echo(line)
    if follow:
        for line in _new_lines(log):
            typer.echo(line, nl=False)


@app.command()
def browser() -> None:
    """Tell where Neo4j Browser is and how to get in."""
    settings = settings_.load_settings()
    server.require_ours(settings, "open a browser for")
    address = _ensured(settings)
    home = homes.ServerHome.of(settings.home)
    typer.echo(f"Neo4j Browser  {address.browser_url}")
    typer.echo(f"Connect to     {address.uri}")
    typer.echo(f"User           {address.user}")
    typer.echo(f"Password       in {home.password_file}")
    typer.echo(f"Next: open the address, and paste what `cat {home.password_file}` prints")


@app.command()
def shell(
    command: Annotated[str | None, typer.Option("--command", "-c", help="run this statement and leave")] = None,
    write: Annotated[bool, typer.Option("--write", help="allow writing, behind the twin's back")] = False,
    output: Output = "table",
) -> None:
    """Ask the database in Cypher; without a command, a prompt. It only reads unless told otherwise."""
    settings = settings_.load_settings()
    address = server.connection(settings) if settings.neo4j.uri is not None else _ensured(settings)
    if address is None:
        raise Unavailable("The database was never started.", hint="graphtwin db start")
    run = shells.write_rows if write else shells.read_rows
    watched = command is None and sys.stdin.isatty()
    for statement in [command] if command is not None else _typed_statements(watched):
        try:
            _print_result(run(address, statement), output)
        except UsageError as error:
            if not watched:
                raise
            typer.secho(str(error), fg="red", err=True)  # at the prompt a refused statement is an answer, not an end


def _ensured(settings: Settings) -> ServerAddress:
    with terminal_progress() as progress:
        return server.ensure_running(settings, progress)


def _typed_statements(watched: bool) -> Iterator[str]:
    """What is typed or piped in, up to a `;` at the end of a line; `:exit` or the end of the input leaves."""
    if watched:
        typer.echo("Cypher, each statement up to a `;` at the end of a line. Leave with :exit")
    pending: list[str] = []
    while True:
        if watched:
            typer.echo("     > " if pending else "neo4j> ", nl=False)
        line = sys.stdin.readline()
        if not line or (not pending and line.strip() in {":exit", ":quit"}):
            break
        pending.append(line)
        if line.rstrip().endswith(";"):
            yield "".join(pending).strip().rstrip(";")
            pending = []
    if "".join(pending).strip():
        yield "".join(pending).strip()


def _print_result(result: QueryResult, output: str) -> None:
    if output != "table":
        _print_data([dict(zip(result.columns, row, strict=True)) for row in result.rows], output)
    elif result.columns:
        table(result.columns, ([_shown(value) for value in row] for row in result.rows))
    if result.cut:
        typer.echo(f"Only the first {len(result.rows)} rows are shown; add a LIMIT or ORDER BY.", err=True)
    if result.changes:
        typer.echo(", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in result.changes.items()), err=True)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _print_status(seen: ServerStatus) -> None:
    typer.echo(f"Neo4j {seen.version or ''} {seen.condition}".replace("  ", " "))
    facts = {
        "bolt": seen.uri,
        "http": seen.http_url,
        "process": seen.pid,
        "since": seen.started_at,
        "note": seen.detail,
    }
    for name, value in facts.items():
        if value:
            typer.echo(f"  {name:<8} {value}")
    typer.echo(ADVICE[seen.condition])


def _print_data(data: Any, output: str) -> None:
    if output == "json":
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
    elif output == "yaml":
        typer.echo(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), nl=False)
    else:
        raise typer.BadParameter(f"{output} is none of table, json, yaml", param_hint="--output")


def _new_lines(log: Path) -> Iterator[str]:
    """Lines as they are written; a new file of the same name (a restart) is read from its beginning."""
    stream = log.open(encoding="utf-8", errors="replace")
    stream.seek(0, 2)
    while True:
        line = stream.readline()
        if line:
            yield line
            continue
        time.sleep(POLL_S)
        if log.exists() and log.stat().st_ino != os.fstat(stream.fileno()).st_ino:
            stream.close()
            stream = log.open(encoding="utf-8", errors="replace")
