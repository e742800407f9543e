"""Names that graphtwin keeps for itself, and the tokens that declared names become in the graph (S17)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

RESERVED_PROPERTIES: Final = frozenset({"id", "world", "type", "status", "labels", "aliases", "extra"})
RESERVED_ATTRIBUTES: Final = frozenset({"world", "extra"})
RESERVED_LABELS: Final = frozenset({"Entity"})
RESERVED_SUFFIXES: Final = ("_at", "_desired", "_expected")
NAME: Final = re.compile(r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")
SOURCE: Final = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")
SYSTEM_SOURCES: Final = frozenset({"model", "rule", "graphtwin", "override", "transition"})


def label_token(name: str, label: str = "") -> str:
    """The node label of a declared type: `label` itself, else the name in CamelCase (`hvac_unit` is `HvacUnit`)."""
    return label or "".join(part[:1].upper() + part[1:] for part in re.split(r"[_\-\s]+", name) if part)


def relation_token(name: str) -> str:
    """The relationship type of a declared relation: upper case (`runs_on` is `RUNS_ON`)."""
    return name.upper()


def check_names(
    *,
    types: Mapping[str, str],
    variables: Mapping[str, Sequence[str]],
    relations: Sequence[str],
    sources: Sequence[str],
) -> None:
    """Raise ValueError for a reserved or malformed name, or for two declarations that map to one token."""
    _check_types(types)
    for type_name, names in variables.items():
        for name in names:
            check_variable_name(type_name, name)
    _check_relations(relations)
    _check_sources(sources)


def _check_types(types: Mapping[str, str]) -> None:
    named: dict[str, str] = {}
    for name, wanted in types.items():
        label = label_token(name, wanted)
        _check_name("type", name)
        if not NAME.match(label):
            raise ValueError(f"type {name!r}: label {label!r} must be letters, digits and _")
        if label.startswith("Gt") or label in RESERVED_LABELS:
            raise ValueError(f"type {name!r}: the label {label!r} is reserved; choose another `label`")
        if label in named:
            raise ValueError(f"types {named[label]!r} and {name!r} both become the label {label!r}; give one a `label`")
        named[label] = name


def _check_relations(relations: Sequence[str]) -> None:
    named: dict[str, str] = {}
    for name in relations:
        _check_name("relation", name)
        kind = relation_token(name)
        if kind.startswith("GT_"):
            raise ValueError(f"relation {name!r}: names that begin with gt_ are reserved")
        if kind in named:
            raise ValueError(f"relations {named[kind]!r} and {name!r} both become {kind!r}; rename one")
        named[kind] = name


def _check_sources(sources: Sequence[str]) -> None:
    for name in sources:
        if not SOURCE.match(name):
            raise ValueError(
                f"source {name!r}: use letters, digits, '_', '.', '-' (it becomes the prefix of record ids)"
            )
        if name in SYSTEM_SOURCES:
            raise ValueError(f"source {name!r}: the name is reserved; rename it")


def check_variable_name(type_name: str, name: str) -> None:
    """Raise ValueError for a variable whose property would collide with graphtwin's own."""
    _check_name(f"variable of type {type_name!r}:", name)
    if name in RESERVED_PROPERTIES:
        raise ValueError(
            f"variable {type_name}.{name}: {name!r} is reserved (graphtwin keeps the entity's own there); rename it"
        )
    for suffix in RESERVED_SUFFIXES:
        if name.endswith(suffix):
            raise ValueError(f"variable {type_name}.{name}: names that end in {suffix!r} are reserved; rename it")


def check_attribute_name(relation: str, name: str) -> None:
    """Raise ValueError for a relation's attribute whose property would collide with graphtwin's own."""
    _check_name(f"attribute of relation {relation!r}:", name)
    if name in RESERVED_ATTRIBUTES:
        raise ValueError(
            f"attribute {relation}.{name}: {name!r} is reserved (graphtwin keeps its own there); rename it"
        )


def _check_name(what: str, name: str) -> None:
    if not NAME.match(name):
        raise ValueError(f"{what} {name!r}: use letters, digits and _ (at most 64), not starting with a digit")
    if name.startswith("Gt"):
        raise ValueError(f"{what} {name!r}: names that begin with Gt are reserved; rename it")
