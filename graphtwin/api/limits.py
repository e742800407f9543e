"""How much one request may ask: depth, aliases, tokens, page, hops, bytes and seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from graphtwin.api.streams.stream_limits import StreamLimits
from graphtwin.errors import UsageError

T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused is beyond these, never at them."""

    depth: int = 10
    aliases: int = 30
    tokens: int = 2_000
    page: int = 500
    whole: int = 5_000
    """Entities that one snapshot or neighbourhood may have; a larger world is read page by page."""
    hops: int = 6
    body: int = 256 * 1024
    seconds: float = 30.0
    introspection: bool = True
    streams: StreamLimits = field(default_factory=StreamLimits)


def page(first: int, limits: Limits) -> int:
    """The size of a page as it was asked for. Raises UsageError beyond the limit."""
    return _within("first", first, limits.page)


def part(found: Sequence[T], name: Callable[[T], K], first: int, after: K | None, limits: Limits) -> list[T]:
    """The page of what was found that follows the one named. Raises UsageError for a name that isn't there."""
    size, names = page(first, limits), [name(one) for one in found]
    if after is not None and after not in names:
        raise UsageError(f"Nothing is named {after!r} here.", hint="begin again, without after")
    begin = 0 if after is None else names.index(after) + 1
    return list(found[begin : begin + size])


def hops(asked: int, limits: Limits) -> int:
    """How many relationships away, as it was asked for. Raises UsageError beyond the limit."""
    return _within("hops", asked, limits.hops)


def whole(count: int, limits: Limits) -> None:
    """Raises UsageError where one answer would hold too many entities."""
    if count > limits.whole:
        raise UsageError(
            f"The answer has {count} entities; one answer holds at most {limits.whole}.",
            hint="read them page by page with entities(first:, after:), or from closer by",
        )


def _within(name: str, asked: int, most: int) -> int:
    if not 1 <= asked <= most:
        raise UsageError(f"{name} is {asked}; it must be from 1 to {most}.", hint="ask page by page, or for less")
    return asked
