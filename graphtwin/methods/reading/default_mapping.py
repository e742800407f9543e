"""The mapping of a source that has none: a plain object or table row is one thing with its fields as variables."""

from __future__ import annotations

from typing import Any, Final

from graphtwin.methods.reading.event_time import usual_name
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.thing import Said, Thing
from graphtwin.model.configuration.twin import TwinConfig

ID_NAMES: Final = ("id", "key", "name")
"""Where the id is looked for, in this order; `key` and `name` stay variables too."""

_OWN: Final = frozenset({"id", "type", "label", "labels"})


def default_thing(payload: Any, source: str, config: TwinConfig) -> Thing:
    """The thing that a plain object is: its type from `type`, else the source's name; fields that bear the name of a
    declared relation hold ids; `label` is its label. Raises Refusal for a payload that isn't an object.
    """
    if not isinstance(payload, dict):
        raise Refusal("the message is no object", "send JSON objects, or give the source a mapping")
    layer = config.sources[source].layer
    when = config.sources[source].timestamp or usual_name(payload)
    kind = payload.get("type") or source
    declared = config.types[kind].variables if isinstance(kind, str) and kind in config.types else {}
    variables: list[Said] = []
    relations: list[Said] = []
    for name, value in payload.items():
        if value is None or name in _OWN or (name == when and name not in declared):
            continue
        said = Said(name, value, "", layer, None)
        (relations if name in config.relations else variables).append(said)
    identifier = next((payload[name] for name in ID_NAMES if payload.get(name) not in (None, "")), None)
    return Thing(kind, identifier, _labels(payload), variables, relations, None, "observation")


def _labels(payload: dict[str, Any]) -> Any:
    """`label` first, then `labels`, each once; None when there is neither."""
    found: list[Any] = []
    for value in (payload.get("label"), payload.get("labels")):
        found += [one for one in (value if isinstance(value, list) else [value]) if one not in (None, "")]
    return [one for index, one in enumerate(found) if one not in found[:index]] or None
