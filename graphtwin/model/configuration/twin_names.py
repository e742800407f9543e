"""The names that a twin.yaml declares: none reserved, none malformed, no two that become one in the graph (S17)."""

from __future__ import annotations

from collections.abc import Iterator

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.configuration.reserved import (
    check_attribute_name,
    check_names,
    check_variable_name,
    label_token,
    relation_token,
)
from graphtwin.model.configuration.tree_reading import Path, fields_of, problem_at, text_of
from graphtwin.model.configuration.yaml_tree import Tree


def name_problems(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Every name that can't be taken, each at its own line."""
    yield from _names(tree)
    yield from _tokens(tree)


def _names(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Reserved or malformed names, each at its own line."""
    for name in fields_of(tree, "sources"):
        yield from _refused(tree, ("sources", name), types={}, relations=(), sources=(name,))
    for name, relation in fields_of(tree, "relations").items():
        yield from _refused(tree, ("relations", name), types={}, relations=(name,), sources=())
        for attribute in fields_of(relation, "attributes"):
            try:
                check_attribute_name(name, attribute)
            except ValueError as error:
                yield problem_at(tree, ("relations", name, "attributes", attribute), str(error))
    for name, kind in fields_of(tree, "types").items():
        types = {name: text_of(kind, "label")}
        yield from _refused(tree, ("types", name), types=types, relations=(), sources=())
        for variable in fields_of(kind, "variables"):
            try:
                check_variable_name(name, variable)
            except ValueError as error:
                yield problem_at(tree, ("types", name, "variables", variable), str(error))


def _refused(
    tree: Tree, path: Path, *, types: dict[str, str], relations: tuple[str, ...], sources: tuple[str, ...]
) -> Iterator[ConfigurationProblem]:
    try:
        check_names(types=types, variables={}, relations=relations, sources=sources)
    except ValueError as error:
        yield problem_at(tree, path, str(error))


def _tokens(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Two declarations that would be one label or relationship type in the graph."""
    types = {name: label_token(name, text_of(kind, "label")) for name, kind in fields_of(tree, "types").items()}
    relations = {name: relation_token(name) for name in fields_of(tree, "relations")}
    for section, tokens in (("types", types), ("relations", relations)):
        first: dict[str, str] = {}
        for name, token in tokens.items():
            if token in first:
                what = f"{first[token]!r} and {name!r} both become {token!r} in the graph"
                yield problem_at(
                    tree, (section, name), what, "rename one" if section == "relations" else "give one a `label`"
                )
            first.setdefault(token, name)
