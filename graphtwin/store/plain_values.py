"""What the database answers with, as plain values: nodes and paths as dictionaries and lists, times as text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time

_FRACTION: Final = re.compile(r"(\.\d+)")


def plain(value: Any) -> Any:  # noqa: PLR0911 - a table, one line a kind of value
    """Nodes, relationships and paths as dictionaries and lists, times as ISO 8601 text."""
    match value:
        case Node():
            return {"labels": sorted(value.labels), "properties": plain(dict(value))}
        case Relationship():
            return {"type": value.type, "properties": plain(dict(value))}
        case Path():
            return [plain(part) for part in _parts(value)]
        case DateTime() | Time():
            return _short(value.iso_format())
        case Date() | Duration():
            return value.iso_format()
        case Point():
            return {"srid": value.srid, "coordinates": list(value)}
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case str() | bytes() | None | bool() | int() | float():
            return value
        case Sequence():
            return [plain(item) for item in value]
        case _:
            return str(value)


def _short(instant: str) -> str:
    """Without noughts at the end of a fraction, and with Z for UTC."""
    return _FRACTION.sub(lambda found: found[1].rstrip("0").rstrip("."), instant).replace("+00:00", "Z")


def _parts(path: Path) -> list[Node | Relationship]:
    parts: list[Node | Relationship] = [path.start_node] if path.start_node is not None else []
    for relationship, node in zip(path.relationships, path.nodes[1:], strict=True):
        parts += [relationship, node]
    return parts
