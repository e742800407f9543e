"""Reads what a person calls a world, an entity, a variable."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Final

import typer

from graphtwin.errors import NotFound, UsageError

if TYPE_CHECKING:
    from graphtwin.ports import Store

World = Annotated[
    str | None,
    typer.Argument(
        metavar="[WORLD]",
        envvar="GRAPHTWIN_WORLD",
        show_envvar=False,
        help="The world; optional where there is only one.",
    ),
]

As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="PRINCIPAL", help="Who decides; the principal that is called as you are, if not given."
    ),
]

Ground = Annotated[str | None, typer.Option("--evidence", metavar="FILE|URL", help="What it rests on, if anything.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for who reads it later.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]

VERSION_HINT: Final = "versions are written like v12"
_SHOWN: Final = 5
_GROUPS: Final = frozenset({"world", "source", "audit", "db", "user", "claim", "identity", "plan", "run"})
"""Commands that have commands of their own."""


class SeveralWorlds(UsageError):
    """A world must be named: there are several, and `newest` was committed to last."""

    def __init__(self, message: str, *, newest: str) -> None:
        super().__init__(message, hint="Name one, or set GRAPHTWIN_WORLD to it.")
        self.newest = newest

    def to_paste(self, typed: Sequence[str]) -> str:
        """The command line that was typed, with the newest world's name in its place."""
        command = next((place for place, word in enumerate(typed) if not word.startswith("-")), 0)
        behind = command + (2 if typed[command : command + 1] and typed[command] in _GROUPS else 1)
        return shlex.join(["graphtwin", *typed[:behind], self.newest, *typed[behind:]])


async def world_named(store: Store, given: str | None) -> str:
    """The world that is meant: the one named, else the only one. Raises NotFound, UsageError."""
    if given:
        await store.head(given)
        return given
    heads = sorted(await store.worlds(), key=lambda head: (head.seq == 0, -head.committed_at))
    worlds = [head.world for head in heads]
    if not worlds:
        raise NotFound("There is no world yet.", hint="Make one: graphtwin demo, or graphtwin init and graphtwin sync")
    if len(worlds) > 1:
        more = f" and {len(worlds) - _SHOWN} more" if len(worlds) > _SHOWN else ""
        raise SeveralWorlds(
            f"There are several worlds, the newest first: {', '.join(worlds[:_SHOWN])}{more}.", newest=worlds[0]
        )
    return worlds[0]


def split_world(words: list[str], wanted: int, usage: str, environment: str | None) -> tuple[str | None, list[str]]:
    """The world, where it is named before `wanted` other words, and these words. Raises UsageError."""
    if len(words) == wanted + 1:
        return words[0], words[1:]
    if len(words) == wanted:
        return environment, words
    raise UsageError(f"Got {len(words)} words instead of {wanted} or {wanted + 1}.", hint=f"Write it like: {usage}")


async def variable_named(store: Store, world: str, text: str) -> tuple[str, str]:
    """(entity id, variable) of `ENTITY.VARIABLE`: ids may hold dots, so the longest one that exists is taken."""
    places = [place for place, char in enumerate(text) if char == "."]
    if not places:
        raise UsageError(f"{text!r} names no variable.", hint="Write it like: service:local/web.status")
    for place in reversed(places):
        entity, name = text[:place], text[place + 1 :]
        if entity and name and await store.entity(world, entity) is not None:
            return entity, name
    short, _, name = text.rpartition(".")
    return await entity_named(store, world, short), name


async def entity_named(store: Store, world: str, text: str) -> str:
    """The id of the entity that a full id, a local name or a record names. Raises NotFound, UsageError."""
    found = await store.entity(world, text)
    if found is not None:
        return found[0].id
    state = await store.state(world)
    matches = sorted(
        one.id for one in state.entities.values() if text in one.records or one.id.endswith((f"/{text}", f":{text}"))
    )
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UsageError(f"{text!r} may mean {', '.join(matches[:_SHOWN])}.", hint="Write the whole id.")
    names = [name for id_ in state.entities for name in (id_, id_.rpartition("/")[2])]
    close = get_close_matches(text, names, n=1)
    raise NotFound(
        f"The world {world} has no entity {text!r}.",
        hint=f"Did you mean {close[0]}?" if close else f"See them with: graphtwin snapshot {world}",
    )


def version_named(text: str) -> int:
    """The number of a version. Raises UsageError."""
    digits = text.removeprefix("v")
    if not (digits.isascii() and digits.isdecimal()):
        raise UsageError(f"{text!r} isn't a version.", hint=VERSION_HINT)
    return int(digits)
