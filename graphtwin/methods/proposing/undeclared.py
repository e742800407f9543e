"""What sources say that the proposed types don't have: it is listed for a person, and never added by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from graphtwin.methods.proposing.column import columns_of
from graphtwin.methods.proposing.topics import topic_of
from graphtwin.methods.reading.expression import compile_expression, is_true
from graphtwin.methods.reading.refusal import Refusal, short
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_sources import Mapping as MappingConfig
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.ports import Reading

LOOKED_AT: Final = 1_000
"""Messages of one reading that are looked at."""
SHOWN: Final = 20

_WORDS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*')


def undeclared(readings: Iterable[Reading], config: TwinConfig) -> tuple[str, ...]:
    """What was read and belongs to no declared type, each thing once; () for a world whose types people declared."""
    if config.inspected is None:
        return ()
    found: dict[str, None] = {}
    for reading in readings:
        payloads = payloads_of(reading)
        not_read = config.inspected.not_read.get(reading.source, ())
        for text in _of_source(payloads, config.sources[reading.source], config, not_read):
            found.setdefault(f"{reading.source}: {text}")
    return tuple(found)[:SHOWN]


def payloads_of(reading: Reading) -> list[Mapping[str, Any]]:
    """The objects that are looked at, of those that are about things."""
    return [one.payload for one in reading.messages[:LOOKED_AT] if isinstance(one.payload, dict) and not one.status]


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
    payloads: Sequence[Mapping[str, Any]], source: Source, config: TwinConfig, not_read: Sequence[str]
) -> Iterator[str]:
    rows: dict[int, list[Mapping[str, Any]]] = {}
    for payload in payloads:
        read = False
        for number, mapping in enumerate(source.mapping):
            items = items_read(mapping, payload)
            rows.setdefault(number, []).extend(items)
            read = read or bool(items)
        if not read:
            yield f"messages like {_like(payload)}"
    known = {word.strip('"') for one in _expressions(source) for word in _WORDS.findall(one)} | {"parent", "mqtt"}
    for number, mapping in enumerate(source.mapping):
        found = rows.get(number, [])
        yield from _new_types(mapping, found, config)
        for column in columns_of(found, text=False):
            if (
                column.said
                and column.title not in not_read
                and column.path[0] not in known
                and column.path[-1] not in known
            ):
                yield f"the field {column.title}"


def _new_types(mapping: MappingConfig, items: Sequence[Mapping[str, Any]], config: TwinConfig) -> Iterator[str]:
    if not mapping.type.startswith("="):
        return
    kind = compile_expression(mapping.type[1:].strip(), "type")
    for item in items:
        value = kind(item)
        if value not in (None, "") and value not in config.types:
            yield f"the type {short(value)}"


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
