"""What the Cypher of a twin.yaml can have wrong: names of nothing that is declared, and rows that can't prove what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.configuration.cypher_names import Kind, looks_at_others, names_asked
from graphtwin.model.configuration.reserved import (
    RESERVED_LABELS,
    RESERVED_PROPERTIES,
    RESERVED_SUFFIXES,
    label_token,
    relation_token,
)
from graphtwin.model.configuration.tree_reading import Path, fields_of, items_of, problem_at, text_of
from graphtwin.model.configuration.twin_words import nearest
from graphtwin.model.configuration.yaml_tree import Tree

_SAID: Final[Mapping[Kind, str]] = {
    "label": "no type has the label {!r}, so that nothing ever matches",
    "relation": "no relation has the type {!r}, so that nothing ever matches",
    "property": "no type has a variable {!r}, so that it is null wherever it is read",
}


def cypher_problems(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Every such mistake in rules, interlocks and criteria. Where no types are declared they are proposed later, and any
    name may be right.
    """
    for path, criterion in _criteria(tree):
        if looks_at_others(text_of(criterion, "cypher")):
            what = "the criterion looks at others than its subject, and its rows don't name them"
            hint = "return their ids too, such as `unit.id AS unit`: they must have been heard since the act"
            yield problem_at(tree, path, what, hint)
    if not fields_of(tree, "types"):
        return
    known = _known(tree)
    for path, holder in (*_rules(tree), *_interlocks(tree), *_criteria(tree)):
        for asked in names_asked(text_of(holder, "cypher")):
            if not _is_known(asked.kind, asked.name, known):
                what = _SAID[asked.kind].format(asked.name)
                yield problem_at(tree, path, what, nearest(asked.name, known[asked.kind]))


def _rules(tree: Tree) -> Iterator[tuple[Path, Tree]]:
    for index, rule in enumerate(items_of(tree, "rules")):
        yield ("rules", index, "cypher"), rule


def _interlocks(tree: Tree) -> Iterator[tuple[Path, Tree]]:
    constraints = tree.child("constraints")
    for index, interlock in enumerate(items_of(constraints, "interlocks") if constraints else ()):
        yield ("constraints", "interlocks", index, "cypher"), interlock


def _criteria(tree: Tree) -> Iterator[tuple[Path, Tree]]:
    for index, action in enumerate(items_of(tree, "actions")):
        for place, criterion in enumerate(items_of(action, "criteria")):
            yield ("actions", index, "criteria", place, "cypher"), criterion


def _known(tree: Tree) -> Mapping[Kind, set[str]]:
    types, relations = fields_of(tree, "types"), fields_of(tree, "relations")
    variables = {name for kind in types.values() for name in fields_of(kind, "variables")}
    attributes = {name for one in relations.values() for name in fields_of(one, "attributes")}
    return {
        "label": {label_token(name, text_of(kind, "label")) for name, kind in types.items()} | RESERVED_LABELS,
        "relation": {relation_token(name) for name in relations},
        "property": variables | attributes | RESERVED_PROPERTIES,
    }


def _is_known(kind: Kind, name: str, known: Mapping[Kind, set[str]]) -> bool:
    """Declared, or graphtwin's own: what begins with `Gt`, and the time, the wish and the expectation of a variable."""
    if kind == "property":
        bare = next((name.removesuffix(end) for end in RESERVED_SUFFIXES if name.endswith(end)), name)
        return name in known[kind] or bare in known[kind]
    return name in known[kind] or name.startswith(("Gt", "GT_"))
