"""The short input that asks for a sync: a list of sources, a world id, constraints; turned into the form of twin.yaml."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.configuration.twin_words import nearest
from graphtwin.model.configuration.yaml_tree import Tree

SOURCE_TYPES: Final = ("api", "command", "file", "http", "mqtt")

_BY_TYPE: Final[dict[str, dict[str, str]]] = {
    "mqtt": {"kind": "message_bus", "trust": "hardware_sensor"},
    "api": {"kind": "api", "trust": "primary_api"},
    "http": {"kind": "api", "trust": "primary_api"},
    "file": {"kind": "log"},
    "command": {"kind": "log"},
}
_OUTSIDE: Final = ("world_id", "prior_snapshot", "sync_mode")
_NAME_LENGTH: Final = 48


def configuration_part(tree: Tree, problems: list[ConfigurationProblem]) -> Tree:
    """The tree in the form of twin.yaml: `world_id` under `world`, sources by name; what isn't configuration is left out."""
    if tree.fields is None:
        return tree
    changes: dict[str, Tree | None] = dict.fromkeys(_OUTSIDE)
    world_id = tree.child("world_id")
    if world_id is not None:
        world = tree.child("world") or Tree(tree.file, world_id.line, fields={})
        changes["world"] = world.with_fields(id=world_id) if world.fields is not None else world
    sources = tree.child("sources")
    if sources is not None and sources.items is not None:
        changes["sources"] = _by_name(sources, problems)
    _check_types(changes.get("sources") or sources, problems)
    return tree.with_fields(**changes)


def _by_name(sources: Tree, problems: list[ConfigurationProblem]) -> Tree:
    named: dict[str, Tree] = {}
    for index, source in enumerate(sources.items or ()):
        if source.fields is None:
            what = "a source is a mapping such as {type: file, path: inventory.csv}"
            problems.append(ConfigurationProblem(source.file, source.line, f"sources[{index}]", what))
            continue
        name = _name(source)
        unique, count = name, 2
        while unique in named:
            unique, count = f"{name}-{count}", count + 1
        named[unique] = _completed(source)
    return Tree(sources.file, sources.line, fields=named)


def _name(source: Tree) -> str:
    """Its own name, else one made from where it is read: mqtt://sensors.example.com/floor-3 is sensors.example.com-floor-3."""
    fields = source.plain()
    given = fields.get("name")
    if isinstance(given, str) and given:
        return given
    endpoint = str(fields.get("endpoint") or "")
    split = urlsplit(endpoint)
    place = (split.hostname or "") + split.path if split.scheme else endpoint or str(fields.get("path") or "")
    slug = re.sub(r"[^A-Za-z0-9_.]+", "-", place).strip("-.")[:_NAME_LENGTH].strip("-.")
    return slug or str(fields.get("type") or "source")


def _completed(source: Tree) -> Tree:
    """The source without its name, with what its type says about kind and trust, and a file's endpoint as its path."""
    kind = source.child("type")
    known = _BY_TYPE.get(str(kind.value), {}) if kind else {}
    changes: dict[str, Tree | None] = {"name": None}
    changes |= {field: source.scalar(value) for field, value in known.items() if source.child(field) is None}
    endpoint = source.child("endpoint")
    if kind and kind.value == "file" and endpoint is not None and source.child("path") is None:
        changes |= {"path": endpoint.scalar(_file_path(endpoint.value)), "endpoint": None}
    return source.with_fields(**changes)


def _file_path(endpoint: Any) -> Any:
    return endpoint.removeprefix("file://") if isinstance(endpoint, str) else endpoint


def _check_types(sources: Tree | None, problems: list[ConfigurationProblem]) -> None:
    """Say which kinds of source there are, where another one is asked for."""
    for name, source in ((sources.fields or {}) if sources else {}).items():
        kind = source.child("type")
        if kind is None or not isinstance(kind.value, str) or kind.value in SOURCE_TYPES:
            continue
        hint = nearest(kind.value, SOURCE_TYPES)
        what = f"sources of type {kind.value!r} aren't supported; these are: {', '.join(SOURCE_TYPES)}"
        path = f"sources.{name}.type"
        problems.append(
            ConfigurationProblem(kind.file, kind.line, path, what, hint if hint.startswith("did") else _INSTEAD)
        )


_INSTEAD: Final = "a command source reads anything that a program can print as JSON lines"
