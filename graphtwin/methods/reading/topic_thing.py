"""The mapping of an MQTT source that has none: an object with an id is one thing, else the topic names thing and variable."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from graphtwin.methods.reading.default_mapping import ID_NAMES, default_thing
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.thing import Thing
from graphtwin.methods.reading.topic_payload import TOPIC_KEY, VALUE_KEY
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import TwinConfig

_OWN: Final = frozenset({"type", "label"})
_HINT: Final = "publish to topics such as floor-3/temp-301/temperature, or give the source a mapping"


def topic_thing(payload: Mapping[str, Any], source: str, policy: Policy) -> Thing:
    """The thing that a payload with its topic speaks of.

    An object with an id (`id`, `key` or `name`) is that thing. A bare value, or an object with `value` (and `unit`,
    `confidence`), is the variable that the last level of the topic names, of the thing that the level before names. Any
    other object is the thing of the last level. Its type is its `type`, else the level nearest to it that is a declared
    type's name, else the one declared type that knows most of its fields, else the source's name. Raises Refusal.
    """
    levels: list[str] = payload[TOPIC_KEY]["levels"]
    said = {name: value for name, value in payload.items() if name != TOPIC_KEY}
    if any(said.get(name) not in (None, "") for name in ID_NAMES):
        return _thing(said, levels, source, policy)
    if VALUE_KEY not in said:
        return _thing({**said, "id": _level(levels, 1)}, levels[:-1], source, policy)
    variable, local = _level(levels, 1), _level(levels, 2)
    own = {name: value for name, value in said.items() if name in _OWN}
    thing = _thing({**own, "id": local, variable: said[VALUE_KEY]}, levels[:-2], source, policy)
    told = [one._replace(unit=said.get("unit") or "", confidence=said.get("confidence")) for one in thing.variables]
    return thing._replace(variables=told)


def _level(levels: Sequence[str], place: int) -> str:
    """A level of a topic counted from its end. Raises Refusal where it says nothing."""
    if len(levels) < place or not levels[-place]:
        raise Refusal("the topic doesn't name a thing" + (" and a variable" if place > 1 else ""), _HINT)
    return levels[-place]


def _thing(said: Mapping[str, Any], above: Sequence[str], source: str, policy: Policy) -> Thing:
    kind = said.get("type") or _type_above(above, policy.config) or _type_with(said, policy) or source
    return default_thing({**said, "type": kind}, source, policy.config)


def _type_above(levels: Sequence[str], config: TwinConfig) -> str:
    return next((level for level in reversed(levels) if level in config.types), "")


def _type_with(fields: Collection[str], policy: Policy) -> str:
    """The declared type that knows most of the fields; of several the one that declares them itself; "" where that is no
    single one.
    """
    known = {name: [field for field in fields if policy.variable(name, field)] for name in policy.config.types}
    most = max(map(len, known.values()), default=0)
    best = [name for name, fields in known.items() if most and len(fields) == most]
    own = [name for name in best if set(known[name]) <= policy.config.types[name].variables.keys()]
    return next((names[0] for names in (best, own) if len(names) == 1), "")
