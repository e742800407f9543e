"""What sources say that the proposed types don't have: it is listed for a person, and never added by itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graphtwin.methods.proposing.column import Path, columns_of
from graphtwin.methods.proposing.topics import topic_of
from graphtwin.methods.reading.expression import compile_expression, is_true
from graphtwin.methods.reading.refusal import Refusal, short
from graphtwin.methods.reading.topic_payload import TOPIC_KEY
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_sources import Mapping as MappingConfig
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.ports import Message, Reading

LOOKED_AT: Final = 1_000
"""Messages of one reading that are looked at."""
SHOWN: Final = 20
PLACES: Final = 20
"""Messages that are remembered for each thing, for a person who takes it over."""

_WORDS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*')


class Undeclared(NamedTuple):
    """What isn't read, each thing once, and the places of some messages that say it."""

    told: tuple[str, ...]
    places: tuple[str, ...]


def undeclared(readings: Iterable[Reading], config: TwinConfig) -> Undeclared:
    """What was read and belongs to no declared type; nothing for a world whose types people declared."""
    if config.inspected is None:
        return Undeclared((), ())
    found: dict[str, list[str]] = {}
    for reading in readings:
        not_read = config.inspected.not_read.get(reading.source, ())
        for text, place in _of_source(messages_of(reading), config.sources[reading.source], config, not_read):
            found.setdefault(f"{reading.source}: {text}", []).append(place)
    places = {place: None for all_places in found.values() for place in all_places[:PLACES]}
    return Undeclared(tuple(found)[:SHOWN], tuple(places))


def messages_of(reading: Reading) -> list[Message]:
    """The messages that are looked at: objects, of those that are about things."""
    return [one for one in reading.messages[:LOOKED_AT] if isinstance(one.payload, dict) and not one.status]


def items_read(mapping: MappingConfig, payload: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the mapping would read of a message; nothing where it can't be applied."""
    try:
        if mapping.when and not is_true(compile_expression(mapping.when, "when")(payload)):
            return []
        items = compile_expression(mapping.each, "each")(payload) if mapping.each else [payload]
    except Refusal:
        return []
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _of_source(
    messages: Sequence[Message], source: Source, config: TwinConfig, not_read: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """(what isn't read, where it was said)."""
    mentioned = {word.strip('"') for one in _expressions(source) for word in _WORDS.findall(one)}
    known = {*mentioned, *not_read, "parent", TOPIC_KEY}
    types = [compile_expression(one.type[1:], "type") if one.type.startswith("=") else None for one in source.mapping]
    for message in messages:
        read = False
        for mapping, kind in zip(source.mapping, types, strict=True):
            for item in items_read(mapping, message.payload):
                read = True
                if kind and (value := kind(item)) not in (None, "") and value not in config.types:
                    yield f"the type {short(value)}", message.place
                yield from ((f"the field {'.'.join(path)}", message.place) for path in _fields_beside(item, known))
        if not read:
            yield f"messages like {_like(message.payload)}", message.place


def _fields_beside(item: Mapping[str, Any], known: Collection[str]) -> list[Path]:
    """The fields that say something and are nowhere mentioned."""
    return [
        column.path
        for column in columns_of([item], text=False)
        if column.said and column.title not in known and column.path[0] not in known and column.path[-1] not in known
    ]


def _like(payload: Mapping[str, Any]) -> str:
    """What a message is recognised by: its topic, else its fields."""
    topic = topic_of(payload)
    return topic or short("{" + ", ".join(list(payload)[:5]) + "}")


def _expressions(source: Source) -> Iterator[str]:
    yield from (source.timestamp, source.position, source.records)
    for mapping in source.mapping:
        yield from (
            mapping.when,
            mapping.each,
            mapping.type.removeprefix("="),
            mapping.id,
            mapping.label,
            mapping.valid_from,
        )
        for one in mapping.variables.values():
            yield from (one.path, one.unit.removeprefix("="))
        for relation in mapping.relations.values():
            yield relation if isinstance(relation, str) else relation.path
