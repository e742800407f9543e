"""Reads a twin.yaml that may be wrong anywhere: what isn't there, or isn't of its kind, reads as empty."""

from __future__ import annotations

from collections.abc import Sequence

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.configuration.twin_words import line_of, path_text
from graphtwin.model.configuration.yaml_tree import Tree

Path = Sequence[str | int]


def problem_at(tree: Tree, path: Path, message: str, hint: str = "") -> ConfigurationProblem:
    """A problem with what stands at a path."""
    file, line = line_of(tree, path)
    return ConfigurationProblem(file, line, path_text(path), message, hint)


def fields_of(tree: Tree | None, *path: str | int) -> dict[str, Tree]:
    """The fields of the mapping at a path, none where there is no mapping."""
    for part in path:
        tree = tree.child(part) if tree else None
    return (tree.fields or {}) if tree else {}


def items_of(tree: Tree, name: str) -> tuple[Tree, ...]:
    """The items of the list under a name, none where there is no list."""
    child = tree.child(name)
    return (child.items or ()) if child else ()


def text_of(tree: Tree | None, *path: str | int) -> str:
    """The text at a path, "" where there is none."""
    for part in path:
        tree = tree.child(part) if tree else None
    return tree.value if tree and isinstance(tree.value, str) else ""
