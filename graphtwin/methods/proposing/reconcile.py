"""Sources beside each other: things with one id are one thing or two, and types that become one label have one name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from graphtwin.methods.proposing.kinds import Kind
from graphtwin.methods.proposing.naming import free
from graphtwin.methods.proposing.part import Part
from graphtwin.methods.proposing.proposal import Guess
from graphtwin.model.configuration.reserved import label_token

_HALF: Final = 0.5


class Reconciled(NamedTuple):
    """The parts of each source, and the id space of sources whose ids mean other things than the same ids elsewhere."""

    parts: Mapping[str, tuple[Part, ...]]
    id_spaces: Mapping[str, Guess]


def reconcile(parts: Mapping[str, Sequence[Part]]) -> Reconciled:
    """One name a type, one type an id. The sources come in their order; an earlier one keeps what it has."""
    done: dict[str, tuple[Part, ...]] = {}
    spaces: dict[str, Guess] = {}
    names = _Names({name for own in parts.values() for part in own if _by_field(part) for name in part.kind.types})
    for source, own in parts.items():
        named = [_named(part, names) for part in own]
        same = [_same_things(part, done) for part in named]
        parted = tuple(_parted(part, same[:place]) for place, part in enumerate(same))
        if other := _stranger(parted, done):
            shared, where = other
            why = f"its {shared} is another thing than that of {where}"
            spaces[source] = Guess(free(source, ()), why, "unsure")
        done[source] = parted
    return Reconciled(done, spaces)


class _Names:
    """The names of types so far, by the label that they become; those that a field of the data bears go first."""

    def __init__(self, fixed: set[str]) -> None:
        self.by_label: dict[str, str] = {}
        for name in sorted(fixed):
            self.by_label.setdefault(label_token(name), name)

    def of(self, name: str) -> str:
        return self.by_label.setdefault(label_token(name), name)


def _by_field(part: Part) -> bool:
    return str(part.kind.type.value).startswith("=")


def _named(part: Part, names: _Names) -> Part:
    return part if _by_field(part) else _with_type(part, names.of(part.kind.type.value), part.kind.type.why)


def _with_type(part: Part, name: str, why: str) -> Part:
    if name == part.kind.type.value:
        return part
    is_a = next(iter(part.kind.types.values()))
    kind: Kind = part.kind._replace(type=part.kind.type._replace(value=name, why=why), types={name: is_a})
    return replace(part, kind=kind)


def _same_things(part: Part, done: Mapping[str, Sequence[Part]]) -> Part:
    """The part under the type that another source has for the same ids, where nothing better named its own."""
    if part.kind.type.sure == "sure":
        return part
    ids = frozenset(part.identified.ids)
    for source, others in done.items():
        for other in others:
            shared = ids & frozenset(other.identified.ids)
            kinds = {other.typed[one] for one in shared}
            if len(shared) >= _HALF * len(ids) and len(kinds) == 1 and _telling(shared):
                return _with_type(part, kinds.pop(), f"its ids are those of {source}")
    return part


def _parted(part: Part, others: Sequence[Part]) -> Part:
    """Of two kinds of things in one source that share ids, the later's ids get their kind before them."""
    ids = frozenset(part.identified.ids)
    clash = any(
        ids & frozenset(other.identified.ids) and set(other.kind.types) != set(part.kind.types) for other in others
    )
    return replace(part, prefix=part.kind.type.value) if clash and not _by_field(part) else part


def _stranger(parts: Sequence[Part], done: Mapping[str, Sequence[Part]]) -> tuple[str, str] | None:
    """An id that another source has for a thing of another type, and that source."""
    for part in parts:
        for source, others in done.items():
            for other in others:
                shared = [] if part.prefix else sorted(part.typed.keys() & other.typed.keys())
                differ = next((one for one in shared if part.typed[one] != other.typed[one]), None)
                if differ is not None and not other.prefix:
                    return differ, source
    return None


def _telling(ids: frozenset[str]) -> bool:
    """Ids with letters: that two sources both count from 1 says nothing."""
    return bool(ids) and all(any(char.isalpha() for char in one) for one in ids)
