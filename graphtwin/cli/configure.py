"""`graphtwin init` and `graphtwin apply`: begin a world's twin.yaml, and take over a changed one."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from graphtwin.cli.doors import doors_of
from graphtwin.cli.first_twin import THINGS_CSV, TWIN_YAML
from graphtwin.cli.live import live
from graphtwin.cli.output import Form, Output, next_step, printed, say
from graphtwin.cli.source import describe_test, print_test
from graphtwin.errors import UsageError

if TYPE_CHECKING:
    from graphtwin.app import Begun

_WORLD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def init(
    context: typer.Context,
    *,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The world's id; the folder's name if not given.")
    ] = None,
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "--from", metavar="FILE|URL", help="Read a sample of this and propose how; may be given several times."
        ),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Servers' names may lead to addresses of a private network.")
    ] = False,
    folder: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write twin.yaml.")] = Path(),
    output: Output = Form.TABLE,
) -> None:
    """Write a commented twin.yaml that observes and never acts: proposed from files and addresses, or with a small table
    that it reads.
    """
    world = name or _world_of(folder)
    if not _WORLD.fullmatch(world):
        raise UsageError(f"{world!r} can't be a world's id.", hint="Use letters, digits, '.', '_' and '-'.")
    twin = folder / "twin.yaml"
    if twin.exists():
        raise UsageError(f"{twin} exists already.", hint="Edit it, or choose another --folder.")
    folder.mkdir(parents=True, exist_ok=True)
    if sources:
        with live("Reading"):
            begun = asyncio.run(doors_of(context).begin(world, sources, folder, private=private))
        _tell_begun(world, begun, output)
    else:
        _write_first_twin(world, twin, output)


def _write_first_twin(world: str, twin: Path, output: Form) -> None:
    things = twin.with_name("things.csv")
    twin.write_text(TWIN_YAML.replace("{world}", world), encoding="utf-8")
    written = [twin]
    if not things.exists():
        things.write_text(THINGS_CSV, encoding="utf-8")
        written.append(things)
    if not printed({"world": world, "written": [str(path) for path in written]}, output):
        for path in written:
            say(Text("wrote ", "dim"), str(path))
        next_step(f"graphtwin source test {twin}; graphtwin sync {twin}")


def _tell_begun(world: str, begun: Begun, output: Form) -> None:
    tests = [describe_test(one) for one in begun.tests]
    guesses = [_guess(source, *guess) for source, *guess in begun.guesses]
    if printed({"world": world, "written": [str(begun.twin)], "guesses": guesses, "sources": tests}, output):
        return
    for one in tests:
        print_test(one)
    say(Text("wrote ", "dim"), str(begun.twin), f"  {len(guesses)} guesses, each with its reason beside it")
    for guess in guesses:
        if guess["sure"] == "unsure":
            say(
                Text("  look at ", "yellow"), f"{guess['source']}: {guess['about']} is {guess['value']}: {guess['why']}"
            )
    next_step(f"graphtwin sync {begun.twin}")


def _guess(source: str, about: str, value: Any, why: str, sure: str) -> dict[str, Any]:
    return {"source": source, "about": about, "value": value, "why": why, "sure": sure}


def _world_of(folder: Path) -> str:
    """The folder's name without what a world's id can't have."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-._") or "my-world"


def apply(
    context: typer.Context,
    twin: Annotated[Path, typer.Argument(metavar="TWIN.yaml", help="The changed configuration.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    output: Output = Form.TABLE,
) -> None:
    """Make a changed twin.yaml the world's configuration, as a version of its own."""
    doors = doors_of(context)
    doors.start(twin)
    outcome = asyncio.run(doors.apply(twin, dry_run=dry_run))
    version = f"v{outcome.committed.seq}" if outcome.committed else None
    answer = {
        "world": outcome.world,
        "changes": outcome.changes,
        "version": version,
        "needs_apply": outcome.needs_apply,
    }
    if printed(answer, output):
        return
    say(Text(outcome.world, "bold"))
    for change in outcome.changes or ("nothing differs",):
        say(f"  {change}")
    if version:
        say("taken over as ", Text(version, "bold"))
    next_step(f"graphtwin apply {twin}" if outcome.needs_apply else f"graphtwin sync {twin}")
