"""What a message says, in the words of twin.yaml: compiled mappings turn a payload into things with values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graphtwin.errors import ConfigurationError
from graphtwin.methods.reading.default_mapping import default_thing
from graphtwin.methods.reading.event_time import zone_of
from graphtwin.methods.reading.expression import Expression, compile_expression, is_true
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.thing import Said, Thing
from graphtwin.methods.reading.topic_thing import topic_thing
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_sources import Mapping as MappingConfig
from graphtwin.model.configuration.twin_sources import Source, VariablePath
from graphtwin.model.fact import Layer

Reader = Callable[[Any], list[Thing]]
"""Turns a payload into what it says; raises Refusal."""

TAKEN_BY_MAPPING: Final = {"id": "id", "type": "type", "labels": "label"}
"""Names that a mapping has a field of its own for."""


def compile_mapping(name: str, config: TwinConfig) -> Reader:
    """The reader of one source: every mapping whose `when` holds applies; without mappings the default one does.

    Raises ConfigurationError for text that isn't JMESPath, and for types and relations that aren't declared.
    """
    source = config.sources[name]
    if not source.mapping and source.type == "mqtt":
        policy = Policy(config)
        return lambda payload: [topic_thing(payload, name, policy)]
    if not source.mapping:
        return lambda payload: [default_thing(payload, name, config)]
    readers = [
        _compile_one(mapping, source, config, f"sources.{name}.mapping[{index}]")
        for index, mapping in enumerate(source.mapping)
    ]

    def read(payload: Any) -> list[Thing]:
        return [thing for reader in readers for thing in reader(payload)]

    return read


def check_sources(config: TwinConfig) -> None:
    """Raise ConfigurationError for the first expression, type, relation or zone that no message could be read with."""
    try:
        zone_of(config.world.timezone)
    except Refusal as refusal:
        raise ConfigurationError(f"world.timezone: {refusal.reason}", hint=refusal.hint) from refusal
    for name, source in config.sources.items():
        for field in ("records", "timestamp", "position", "next"):
            if text := getattr(source, field):
                compile_expression(text, f"sources.{name}.{field}")
        compile_mapping(name, config)


class _Field(NamedTuple):
    name: str
    value: Expression
    unit: str | Expression
    layer: Layer
    confidence: float | Expression | None


def _compile_one(mapping: MappingConfig, source: Source, config: TwinConfig, place: str) -> Reader:
    when = compile_expression(mapping.when, f"{place}.when") if mapping.when else None
    each = compile_expression(mapping.each, f"{place}.each") if mapping.each else None
    thing = _compile_thing(mapping, source, config, place)

    def read(payload: Any) -> list[Thing]:
        if when is not None and not is_true(when(payload)):
            return []
        if each is None:
            return [thing(payload)]
        return [thing(item) for item in _items(each(payload), payload)]

    return read


def _items(items: Any, payload: Any) -> list[dict[str, Any]]:
    """Each item as an object with the payload as `parent`; an item that isn't an object stands under `value`."""
    if items is None:
        return []
    if not isinstance(items, list):
        raise Refusal("`each` yields no list", "let it yield a list, e.g. items[]")
    return [{**(item if isinstance(item, dict) else {"value": item}), "parent": payload} for item in items]


def _compile_thing(mapping: MappingConfig, source: Source, config: TwinConfig, place: str) -> Callable[[Any], Thing]:
    kind = _compile_type(mapping.type, config, place)
    identifier = compile_expression(mapping.id, f"{place}.id")
    label = compile_expression(mapping.label, f"{place}.label") if mapping.label else None
    valid_from = compile_expression(mapping.valid_from, f"{place}.valid_from") if mapping.valid_from else None
    fields = _compile_variables(mapping.variables, source, place)
    relations = _compile_relations(mapping.relations, source, config, place)
    event_type = mapping.event_type

    def thing(payload: Any) -> Thing:
        return Thing(
            kind(payload), identifier(payload), None if label is None else label(payload),
            _said(fields, payload), _said(relations, payload),
            None if valid_from is None else valid_from(payload), event_type,
        )  # fmt: skip

    return thing


def _said(fields: Sequence[_Field], payload: Any) -> list[Said]:
    said = []
    for name, value_of, unit, layer, confidence in fields:
        value = value_of(payload)
        if value is not None:
            said.append(
                Said(
                    name, value, unit if isinstance(unit, str) else unit(payload), layer,
                    confidence(payload) if callable(confidence) else confidence,
                )
            )  # fmt: skip
    return said


def _compile_type(text: str, config: TwinConfig, place: str) -> Expression:
    if text.startswith("="):
        return compile_expression(text[1:].strip(), f"{place}.type")
    if text not in config.types:
        raise ConfigurationError(
            f"{place}.type: {text!r} is not a declared type",
            hint=f"declare it under types, or use {_one_of(config.types)}",
        )
    return lambda _payload: text


def _compile_variables(variables: Mapping[str, VariablePath], source: Source, place: str) -> list[_Field]:
    for name in variables:
        if name in TAKEN_BY_MAPPING:
            raise ConfigurationError(
                f"{place}.variables.{name}: the name is the entity's own",
                hint=f"use the mapping's `{TAKEN_BY_MAPPING[name]}`",
            )
    return [_compile_field(name, path, source, f"{place}.variables.{name}") for name, path in sorted(variables.items())]


def _compile_relations(
    relations: Mapping[str, str | VariablePath], source: Source, config: TwinConfig, place: str
) -> list[_Field]:
    for name in relations:
        if name not in config.relations:
            raise ConfigurationError(
                f"{place}.relations.{name}: not a declared relation",
                hint=f"declare it under relations, or use {_one_of(config.relations)}",
            )
    return [
        _compile_field(
            name, VariablePath(path=path) if isinstance(path, str) else path, source, f"{place}.relations.{name}"
        )
        for name, path in sorted(relations.items())
    ]


def _compile_field(name: str, path: VariablePath, source: Source, place: str) -> _Field:
    unit: str | Expression = path.unit
    if path.unit.startswith("="):
        unit = compile_expression(path.unit[1:].strip(), f"{place}.unit")
    confidence: float | Expression | None = (
        compile_expression(path.confidence, f"{place}.confidence")
        if isinstance(path.confidence, str)
        else path.confidence
    )
    layer = path.layer if "layer" in path.model_fields_set else source.layer
    return _Field(name, compile_expression(path.path, f"{place}.path"), unit, layer, confidence)


def _one_of(names: Mapping[str, Any]) -> str:
    return ", ".join(sorted(names)[:5]) or "none is declared yet"
