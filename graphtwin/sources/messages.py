"""Messages out of what a source gave: one payload, each item of a list, or what `records` yields."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from graphtwin.methods.expression import Expression
from graphtwin.methods.refusal import Refusal
from graphtwin.methods.strict_json import decode_utf8, json_items
from graphtwin.methods.strict_yaml import yaml_items
from graphtwin.ports import Malformed, Message

KEPT_RAW: Final = 4096
"""Bytes of a malformed message that are kept beside its size and SHA-256."""


class Part(NamedTuple):
    """One message's worth of a text: where it begins (characters), its raw text and its value."""

    start: int
    raw: str
    payload: Any


@dataclass(slots=True)
class Haul:
    """What one reading has brought so far."""

    messages: list[Message] = field(default_factory=list)
    malformed: list[Malformed] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.messages) + len(self.malformed)


def json_parts(text: str, records: Expression | None) -> list[Part]:
    """The messages in one JSON text. Raises Refusal: all of them or none."""
    if records is None:
        return [Part(start, text[start:end], value) for start, end, value in json_items(text)]
    return list(_records((value for _, _, value in json_items(text)), text, records))


def yaml_parts(text: str, records: Expression | None) -> list[Part]:
    """The messages in a YAML text: items of a sequence, or documents. Raises Refusal: all of them or none."""
    if records is None:
        return [Part(start, text[start:end].rstrip(), value) for start, end, value in yaml_items(text)]
    return list(_records((value for _, _, value in yaml_items(text)), text, records))


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


def _records(values: Iterator[Any], text: str, records: Expression) -> Iterator[Part]:
    """What `records` yields of the whole; an item's raw text is its JSON, since it is a part of a whole."""
    whole = list(values)
    found = records(whole[0] if len(whole) == 1 and not text.lstrip().startswith(("[", "- ")) else whole)
    items = found if isinstance(found, list) else [] if found is None else [found]
    for index, item in enumerate(items):
        yield Part(index, orjson.dumps(item).decode(), item)
