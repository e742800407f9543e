"""Messages out of what a source gave: one payload, each item of a list, or what `records` yields."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from graphtwin.methods.reading.expression import compile_expression, plain_path
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.strict_json import decode_utf8, json_items, parse_json
from graphtwin.methods.reading.strict_yaml import yaml_documents, yaml_items
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.ports import Malformed, Message

KEPT_RAW: Final = 4096
"""Bytes of a malformed message that are kept beside its size and SHA-256."""


class Part(NamedTuple):
    """One message's worth of a text: where it begins (characters), its raw text and its value.

    What an expression has made isn't `verbatim`: it has no place of its own, `start` counts it instead.
    """

    start: int
    raw: str
    payload: Any
    verbatim: bool


@dataclass(slots=True)
class Haul:
    """What one reading has brought so far."""

    messages: list[Message] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.messages) + len(self.malformed)


class Records:
    """Where the messages of a payload stand: the items of what `text`, a JMESPath expression, yields."""

    def __init__(self, text: str, place: str) -> None:
        self.path = plain_path(text)
        self.find = compile_expression(text, place)


def records_of(name: str, source: Source) -> Records | None:
    """The `records` of a source; None where the payload itself, or each item of a list, is a message.

    Raises ConfigurationError.
    """
    return Records(source.records, f"sources.{name}.records") if source.records else None


def json_parts(text: str, records: Records | None) -> list[Part]:
    """The messages in one JSON text. Raises Refusal: all of them or none."""
    if records is not None and records.path is None:
        return _found([parse_json(text)], records)
    return [Part(start, text[start:end], value, True) for start, end, value in json_items(text, _path(records))]


def yaml_parts(text: str, records: Records | None) -> list[Part]:
    """The messages in a YAML text: items of a sequence, or documents. Raises Refusal: all of them or none."""
    if records is not None and records.path is None:
        return _found(yaml_documents(text), records)
    return [
        Part(start, text[start:end].rstrip(), value, True) for start, end, value in yaml_items(text, _path(records))
    ]


def text_of(raw: bytes) -> str:
    """The text of UTF-8 bytes, a byte order mark at the beginning left out. Raises Refusal."""
    return decode_utf8(raw).removeprefix("\ufeff")


def malformed(raw: bytes, place: str, refusal: Refusal) -> Malformed:
    """A message that can't be parsed, with its first bytes."""
    return Malformed(raw[:KEPT_RAW], len(raw), hashlib.sha256(raw).hexdigest(), place, refusal.reason, refusal.hint)


def too_large(size: int, most: int) -> Refusal:
    """Why a message of that size isn't read."""
    return Refusal(
        f"{size} bytes, more than max_payload ({most})", "send smaller messages, or raise max_payload of the source"
    )


def _path(records: Records | None) -> Sequence[str]:
    return records.path or () if records else ()


def _found(payloads: Iterable[Any], records: Records) -> list[Part]:
    """What an expression makes of payloads has no place in the text: its raw text is its JSON."""
    parts: list[Part] = []
    for found in map(records.find, payloads):
        items = found if isinstance(found, list) else [] if found is None else [found]
        parts += [Part(len(parts) + n, orjson.dumps(item).decode(), item, False) for n, item in enumerate(items)]
    return parts
