"""`graphtwin query`: a person's own Cypher, or one of the analyst's queries; it only reads."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from graphtwin.cli.doors import Doors, ask
from graphtwin.cli.later import later
from graphtwin.cli.naming import entity_named, world_named
from graphtwin.cli.output import blocks, counted, fits, line, next_step, say, stderr, table, worded
from graphtwin.errors import NotFound, UsageError
from graphtwin.methods.views.plain_json import plain_json
from graphtwin.methods.views.view_text import json_text

if TYPE_CHECKING:
    from graphtwin.app import query as queries
    from graphtwin.ports import Answered, Store
else:
    queries = later("graphtwin.app.query")

MOST_ROWS: Final = 1_000_000
_LONGEST_S: Final = 3_600.0


class RowForm(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def query(
    context: typer.Context,
    *,
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE|TEXT|NAME]", help="A file, Cypher itself, - for what is piped in, or a name of --list."
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the queries that have names.")] = False,
    world: Annotated[
        str | None, typer.Option(metavar="WORLD", help="What $world is; optional where there is only one.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="What $NAME is: JSON, or text as it is."),
    ] = None,
    output: Annotated[
        RowForm, typer.Option("--output", "-o", help="How to print: table, json or csv.")
    ] = RowForm.TABLE,
    limit: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="At most so many rows.")] = 1_000,
    timeout: Annotated[float, typer.Option(min=0.1, max=_LONGEST_S, metavar="SECONDS", help="At most so long.")] = 30.0,
) -> None:
    """Ask in Cypher. It only reads, and sees all worlds of the database: match $world in every pattern."""
    if listed or text is None:
        _print_list(output)
        return
    cypher = _cypher(text)
    given = _params(param or [])

    async def question(_: Doors, store: Store) -> Answered:
        params = await _in_world(store, cypher, given, world)
        return await queries.run_query(store, cypher, params, limit, timeout)

    answered = asyncio.run(ask(context, question))
    _print_rows(answered, output)
    if answered.cut:
        more = f"Only the first {counted(len(answered.rows), 'row')}; there are more. Raise --limit, or add ORDER BY and LIMIT."
        stderr().print(line(more, "yellow"), soft_wrap=True)
    if output is RowForm.TABLE:
        say(counted(len(answered.rows), "row"))
        next_step("graphtwin query --list shows what else to ask; -o csv or -o json for programs")


def _cypher(text: str) -> str:
    """The query that a name, a file or the text itself means. Raises NotFound, UsageError."""
    if text == "-":
        return sys.stdin.read()
    known = queries.analyst_queries()
    if text in known:
        return str(known[text].text)
    if any(letter.isspace() for letter in text.strip()) and not Path(text).is_file():
        return text
    try:
        return Path(text).read_text("utf-8")
    except FileNotFoundError:
        close = get_close_matches(text, known, n=1)
        raise NotFound(
            f"There is no query and no file {text!r}.",
            hint=f"Did you mean {close[0]}?" if close else "See the queries with: graphtwin query --list",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{text} can't be read: {error}.", hint="Give a file with one statement of Cypher.") from error


def _params(words: list[str]) -> dict[str, Any]:
    """The parameters of `NAME=VALUE`s: JSON where it is JSON, else text. Raises UsageError."""
    given: dict[str, Any] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name.isidentifier():
            raise UsageError(f"{word!r} gives no parameter a value.", hint="Write it like: --param depth=3")
        try:
            given[name] = json.loads(value)
        except ValueError:
            given[name] = value
    return given


async def _in_world(store: Store, cypher: str, given: Mapping[str, Any], world: str | None) -> dict[str, Any]:
    """The parameters with the world that is meant, and an entity by its id where its short name is given."""
    params = dict(given)
    if "world" not in queries.used_parameters(cypher):
        if world is not None:
            raise UsageError("The query doesn't use $world.", hint="Match it: (thing:Entity {world: $world})")
        return params
    if world is not None or "world" not in params:
        params["world"] = await world_named(store, world or os.environ.get("GRAPHTWIN_WORLD"))
    entity = params.get("entity")
    if isinstance(entity, str) and entity and ":" not in entity:
        params["entity"] = await entity_named(store, str(params["world"]), entity)
    return params


def _print_list(output: RowForm) -> None:
    known = queries.analyst_queries().values()
    if output is RowForm.TABLE:
        rows = (
            (one.name, f"{one.purpose.partition('. ')[0].rstrip('.')}.", ", ".join(p.name for p in one.parameters))
            for one in known
        )
        table(("name", "what it answers", "parameters"), rows)
        next_step("graphtwin query NAME --world WORLD --param NAME=VALUE")
        return
    told = [
        {
            "name": one.name,
            "purpose": one.purpose,
            "returns": one.returns,
            "parameters": [
                {
                    "name": p.name,
                    "meaning": p.meaning,
                    "needed": p.needed,
                    "example" if p.needed else "default": p.value,
                }
                for p in one.parameters
            ],
        }
        for one in known
    ]
    if output is RowForm.JSON:
        typer.echo(json_text(told))
    else:
        _print_csv(("name", "purpose"), [(one["name"], one["purpose"]) for one in told])


def _print_rows(answered: Answered, output: RowForm) -> None:
    if output is RowForm.TABLE:
        cells = [[_cell(value) for value in row] for row in answered.rows]
        (table if fits(answered.columns, cells) else blocks)(answered.columns, cells)
    elif output is RowForm.JSON:
        rows = [dict(zip(answered.columns, row, strict=True)) for row in answered.rows]
        typer.echo(json_text(plain_json(rows)))
    else:
        _print_csv(answered.columns, answered.rows)


def _print_csv(columns: Any, rows: Any) -> None:
    """A table that programs read; what isn't text or a number is JSON."""
    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(columns)
    for row in rows:
        written.writerow(["" if cell is None else cell if isinstance(cell, str) else _json(cell) for cell in row])


def _cell(value: Any) -> str:
    return "–" if value is None else worded(value)


def _json(value: Any) -> str:
    return json.dumps(plain_json(value), ensure_ascii=False)
