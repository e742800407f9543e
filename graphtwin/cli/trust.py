"""`graphtwin verify`, `rebuild` and `hash`: whether what is stored, and what was printed, is what it says it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
import yaml
from rich.text import Text

from graphtwin.cli.doors import Doors, ask
from graphtwin.cli.failure import leave
from graphtwin.cli.later import later
from graphtwin.cli.naming import World, world_named
from graphtwin.cli.output import Form, Output, next_step, printed, say, table
from graphtwin.errors import UsageError

if TYPE_CHECKING:
    from graphtwin import rdf
    from graphtwin.methods.views import view_hash
    from graphtwin.model.commit import Verification
    from graphtwin.ports import Store
else:
    rdf, view_hash = later("graphtwin.rdf"), later("graphtwin.methods.views.view_hash")

_RDF: Final = frozenset({".nq", ".nt", ".ttl", ".trig", ".jsonld"})


def verify(context: typer.Context, world: World = None, output: Output = Form.TABLE) -> None:
    """Recompute a world from its facts and compare it with what is stored. Exit code 1 when something contradicts."""

    async def question(_: Doors, store: Store) -> Verification:
        return await store.verify(await world_named(store, world))

    _tell(asyncio.run(ask(context, question)), output, "graphtwin audit verify")


def rebuild(context: typer.Context, world: World = None, output: Output = Form.TABLE) -> None:
    """Derive the present graph of a world anew from its facts, and check it."""

    async def question(_: Doors, store: Store) -> Verification:
        return await store.rebuild(await world_named(store, world))

    _tell(asyncio.run(ask(context, question)), output, "graphtwin verify")


def _tell(found: Verification, output: Form, then: str) -> None:
    answer = {
        "world": found.world,
        "version": f"v{found.seq}",
        "hash": found.hash,
        "passed": found.passed,
        "checks": found.checks,
        "problems": found.problems,
    }
    if not printed(answer, output):
        verdict = Text("verified", "bold green") if found.passed else Text("contradicts itself", "bold red")
        say(verdict, f"  {found.world} v{found.seq}  ", Text(found.hash, "dim"))
        table(("checked", "count"), sorted(found.checks.items()), right=("count",))
        for problem in found.problems:
            say(Text("  · ", "red"), problem)
        next_step(f"{then} {found.world}" if found.passed else f"graphtwin rebuild {found.world}, then verify again")
    leave(0 if found.passed else 1)


def hash_(
    context: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE|WORLD",
            envvar="GRAPHTWIN_WORLD",
            show_envvar=False,
            help="A printed snapshot or report (JSON or YAML), an export (RDF), or a world.",
        ),
    ] = None,
    output: Output = Form.TABLE,
) -> None:
    """Print the hash of a snapshot or an export, recomputed from its text, or of a world. Exit code 1 if it says another."""
    if what is not None and Path(what).is_file():
        _hash_file(Path(what), output)
        return

    async def question(_: Doors, store: Store) -> dict[str, Any]:
        head = await store.head(await world_named(store, what))
        return {"world": head.world, "version": head.version, "hash": head.hash}

    answer = asyncio.run(ask(context, question))
    if not printed(answer, output):
        say(answer["hash"])


def _hash_file(path: Path, output: Form) -> None:
    computed, stated = _hashes(path)
    agrees = stated in (None, computed)
    if not printed({"file": str(path), "hash": computed, "stated": stated, "agrees": agrees}, output):
        say(computed)
        if not agrees:
            say(Text(f"The file says {stated}: its state was changed.", "red"))
    leave(0 if agrees else 1)


def _hashes(path: Path) -> tuple[str, str | None]:
    """The hash of a file as computed, and as the file itself says. Raises UsageError."""
    if path.suffix in _RDF:
        return rdf.hash_of_export(path)
    document = _read(path)
    return view_hash.hash_of_snapshot(document), _stated(document)


def _read(path: Path) -> Mapping[str, Any]:
    """A JSON or YAML document. Raises UsageError."""
    try:
        text = path.read_text("utf-8")
        document = json.loads(text) if text.lstrip()[:1] in ("{", "[") else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UsageError(
            f"{path} can't be read: {error}", hint="Give what snapshot or sync printed with -o json."
        ) from error
    if not isinstance(document, Mapping):
        raise UsageError(f"{path} isn't a snapshot.", hint="Give what snapshot or sync printed with -o json.")
    return document


def _stated(document: Mapping[str, Any]) -> str | None:
    """The hash that the document itself says, where it does."""
    inner = document.get("twin_snapshot", document)
    stated = inner.get("hash") if isinstance(inner, Mapping) else None
    return stated if isinstance(stated, str) else None
