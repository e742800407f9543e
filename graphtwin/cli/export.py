"""`graphtwin export`: a world as RDF, for other knowledge systems."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask
from graphtwin.cli.later import later
from graphtwin.cli.naming import World, world_named
from graphtwin.cli.output import next_step, say, when
from graphtwin.cli.read import whole
from graphtwin.errors import UsageError
from graphtwin.model.instants import parse_instant

if TYPE_CHECKING:
    from graphtwin import rdf
    from graphtwin.ports import Store
else:
    rdf = later("graphtwin.rdf")


class RdfForm(StrEnum):
    """How a world is written."""

    TTL = "ttl"
    NT = "nt"
    NQ = "nq"
    TRIG = "trig"
    JSONLD = "jsonld"


def export(
    context: typer.Context,
    *,
    world: World = None,
    form: Annotated[
        RdfForm | None, typer.Option("--format", help="How to write it; by default as FILE ends, else as N-Quads.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it was so; the version's own time if not given.")
    ] = None,
    known_at: Annotated[str | None, typer.Option(metavar="TIME", help="As it was known then.")] = None,
    version: Annotated[str | None, typer.Option(metavar="vN", help="As this version knew it.")] = None,
    base: Annotated[
        str, typer.Option(metavar="IRI", help="What all names begin with, instead of rdf.base in twin.yaml.")
    ] = "",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write there instead of to standard output.")] = None,
) -> None:
    """Write a world as RDF (SOSA, PROV-O, OWL-Time, QUDT), as it is, as it was, or as it was known."""
    wanted = _form(form, out)
    known = whole(known_at)

    async def question(doors: Doors, store: Store) -> tuple[str, rdf.Exported]:
        name = await world_named(store, world)
        at = await doors.read_at(store, name, at=whole(as_of), known_at=known, version=version)
        instant = parse_instant(known) if known else None
        with _opened(out) as file:
            return name, await rdf.export(store, name, at, file, form=rdf.Form(wanted), base=base, known_at=instant)

    name, written = asyncio.run(ask(context, question))
    if out is not None:
        say(
            Text(f"{name} v{written.at.seq}", "bold"),
            f"  as of {when(written.at.valid)}  {written.hash[:19]}…  wrote {out}",
        )
        next_step(f"graphtwin hash {out}")


def _form(given: RdfForm | None, out: Path | None) -> RdfForm:
    """The form that is asked for, else the one that the file's ending names. Raises UsageError."""
    if given is not None or out is None:
        return given or RdfForm.NQ
    ending = out.suffix.removeprefix(".")
    if ending not in set(RdfForm):
        raise UsageError(f"{out} doesn't say by its ending how to write it.", hint=f"Add --format {', '.join(RdfForm)}")
    return RdfForm(ending)


@contextmanager
def _opened(out: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that is there only once it is whole."""
    if out is None:
        yield typer.get_binary_stream("stdout")
        return
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
