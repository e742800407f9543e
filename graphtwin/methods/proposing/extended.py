"""An inspected configuration with what its sources say by now: what was proposed before stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphtwin.methods.proposing.completed import NOTHING
from graphtwin.methods.proposing.telling import BEGINNING
from graphtwin.methods.proposing.undeclared import items_read, messages_of
from graphtwin.model.configuration.twin import EntityType, TwinConfig
from graphtwin.model.configuration.twin_sources import Mapping as MappingConfig
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.ports import Reading


def extended(held: TwinConfig, fresh: TwinConfig, readings: Sequence[Reading]) -> TwinConfig:
    """The held configuration with the types, variables, relations and mappings that a new proposal has more; `readings` are
    what it was made of. What is read already stays read as it is: to change that, a person declares types.
    """
    if held.inspected is None or fresh.inspected is None:
        return held
    said = {reading.source: [one.payload for one in messages_of(reading)] for reading in readings}
    sources = {
        name: _source(one, fresh.sources.get(name), held, said.get(name, ())) for name, one in held.sources.items()
    }
    used = {mapping.type for one in sources.values() for mapping in one.mapping if mapping.when != NOTHING}
    by_field = any(kind.startswith("=") for kind in used)
    types = {name: _type(one, fresh.types.get(name)) for name, one in held.types.items()}
    types |= {name: one for name, one in fresh.types.items() if name not in types and (name in used or by_field)}
    named = {name for one in sources.values() for mapping in one.mapping for name in mapping.relations}
    relations = {name: one for name, one in fresh.relations.items() if name in named}
    grown = held.model_copy(update={"types": types, "sources": sources, "relations": relations | dict(held.relations)})
    more = _more(held, grown)
    if not more:
        return held
    sentence = f"{BEGINNING} later, and applied by a person: {', '.join(more)}"
    not_read = {
        name: tuple(dict.fromkeys((*ones, *held.inspected.not_read.get(name, ()))))
        for name, ones in fresh.inspected.not_read.items()
    }
    inspected = held.inspected.model_copy(
        update={
            "assumptions": (*held.inspected.assumptions, sentence),
            "not_read": {**held.inspected.not_read, **not_read},
        }
    )
    return grown.model_copy(update={"inspected": inspected})


def _source(held: Source, fresh: Source | None, config: TwinConfig, payloads: Sequence[Mapping[str, Any]]) -> Source:
    if fresh is None or all(mapping.when == NOTHING for mapping in fresh.mapping):
        return held
    if all(mapping.when == NOTHING for mapping in held.mapping):
        return fresh
    by_key = {_key(mapping): mapping for mapping in fresh.mapping}
    known = {_key(mapping) for mapping in held.mapping}
    grown = [_mapping(mapping, by_key.get(_key(mapping), mapping), config) for mapping in held.mapping]
    more = [
        mapping for key, mapping in by_key.items() if key not in known and _reads_new(mapping, held.mapping, payloads)
    ]
    return held.model_copy(update={"mapping": (*grown, *more)})


def _reads_new(more: MappingConfig, held: Sequence[MappingConfig], payloads: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a mapping reads something, and nothing that is read already: a thing has one type."""
    reads = False
    for payload in payloads:
        items = items_read(more, payload)
        if items and any(item in items for mapping in held for item in items_read(mapping, payload)):
            return False
        reads = reads or bool(items)
    return reads


def _key(mapping: MappingConfig) -> tuple[str, str, str, str]:
    return mapping.when, mapping.each, mapping.type, mapping.id


def _mapping(held: MappingConfig, fresh: MappingConfig, config: TwinConfig) -> MappingConfig:
    """What is read already keeps its name; what is read besides is added under names that are free."""
    read: set[Any] = {one.path for one in held.variables.values()}
    read |= {one if isinstance(one, str) else one.path for one in held.relations.values()}
    taken = {*held.variables, *held.relations}
    words = {name for kind in config.types.values() for name in kind.variables}
    variables = {
        name: one
        for name, one in fresh.variables.items()
        if one.path not in read and name not in taken and name not in config.relations
    }
    relations = {
        name: one
        for name, one in fresh.relations.items()
        if one not in read and name not in taken and (name in config.relations or name not in words)
    }
    return held.model_copy(
        update={"variables": {**held.variables, **variables}, "relations": {**held.relations, **relations}}
    )


def _type(held: EntityType, fresh: EntityType | None) -> EntityType:
    more = {name: one for name, one in (fresh.variables if fresh else {}).items() if name not in held.variables}
    return held.model_copy(update={"variables": {**held.variables, **more}}) if more else held


def _more(held: TwinConfig, grown: TwinConfig) -> list[str]:
    """The names of what is new."""
    names = [f"type {name}" for name in grown.types if name not in held.types]
    names += [
        f"{kind}.{name}"
        for kind, one in held.types.items()
        for name in grown.types[kind].variables
        if name not in one.variables
    ]
    names += [f"relation {name}" for name in grown.relations if name not in held.relations]
    names += [f"more of {name}" for name, one in held.sources.items() if one.mapping != grown.sources[name].mapping]
    return names
