"""What is proposed for a world's sources: every part a guess, with its reason and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from graphtwin.model.configuration.twin import Variable
from graphtwin.model.configuration.twin_sources import LayerName

Sureness = Literal["sure", "likely", "unsure"]


class Guess(NamedTuple):
    """Something guessed: what, why, and how sure."""

    value: Any
    why: str
    sure: Sureness = "likely"


class Sample(NamedTuple):
    """What one source said at first: its parsed payloads in their order, and what the source is called.

    `text` is True for tables, whose cells are all text. `called` is the plain name of its file or address.
    """

    source: str
    payloads: tuple[Any, ...]
    called: str
    text: bool = False
    named: bool = False
    """True where the name may say what the source holds: that of a file, not of a topic."""
    whole: bool = False
    """True where the sample is all that the source holds, as a file that is read whole."""


class LeftOut(NamedTuple):
    """A field that isn't read, with the reason; `empty` where it said nothing."""

    field: str
    why: str
    empty: bool = False


@dataclass(frozen=True, slots=True)
class ProposedVariable:
    """One variable of a thing: where it stands, and its declaration; `declared` is None where it is only kept."""

    name: str
    path: str
    declared: Variable | None
    why: str
    sure: Sureness = "likely"
    unit: str = ""
    """The unit that the source speaks in, where it isn't the declared one: a code, or `=` and JMESPath."""
    layer: LayerName = "reported"


@dataclass(frozen=True, slots=True)
class ProposedRelation:
    """One relation of a thing: where the ids of its objects stand."""

    name: str
    path: str
    functional: bool
    dependency: bool
    why: str
    sure: Sureness = "likely"


@dataclass(frozen=True, slots=True)
class ProposedThings:
    """One mapping: things of one type, or of the types that a field names (`=` and JMESPath in `type`)."""

    type: Guess
    types: Mapping[str, str]
    """The types that it speaks of, each with the class of the standard that it is."""
    id: Guess
    label: Guess | None
    valid_from: Guess | None
    place: str
    """A JMESPath that yields the things of a message, "" where the message is one."""
    condition: str
    """A JMESPath that is true of these things, "" where it needs none."""
    variables: tuple[ProposedVariable, ...]
    relations: tuple[ProposedRelation, ...]
    left_out: tuple[LeftOut, ...]
    count: int
    """How many things the sample spoke of."""
    ids: frozenset[str] = field(repr=False)

    @property
    def when(self) -> str:
        """The condition as the mapping's `when`."""
        return "" if self.place else self.condition

    @property
    def each(self) -> str:
        """Place and condition as the mapping's `each`."""
        return f"{self.place}[?{self.condition}]" if self.place and self.condition else self.place


@dataclass(frozen=True, slots=True)
class ProposedSource:
    """How one source is read."""

    name: str
    timestamp: Guess
    """A JMESPath; "" where the usual names do, or nothing bears a time."""
    things: tuple[ProposedThings, ...]
    messages: int
    numbers: Guess | None = None
    roster: Guess | None = None
    plans: Guess | None = None
    id_space: Guess | None = None
    unread: str = ""
    """Why nothing of it is understood; "" where something is."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """How all sources are read, in their order."""

    sources: tuple[ProposedSource, ...]
