"""Values of a twin.yaml that are of the right kind and still can't be meant: durations without unit, secrets to be stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.configuration.secrets import SECRET
from graphtwin.model.configuration.tree_reading import problem_at
from graphtwin.model.configuration.twin_words import is_duration
from graphtwin.model.configuration.yaml_tree import Tree

_RULE_TEXT = "cypher"
_FILLED_IN: Final = {
    "sources": ("endpoint", "env", "username", "password", "token", "headers"),
    "actuators": ("username", "password", "token", "headers"),
}
_FILLED_IN_TOLD: Final = (
    "a source's endpoint, env, username, password, token and headers",
    "an actuator's username, password, token and headers",
)


def text_problems(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Every such value, wherever it stands."""
    yield from _durations(tree, tree, ())
    yield from _secrets(tree, tree, ())


def _durations(whole: Tree, tree: Tree, path: tuple[str | int, ...]) -> Iterator[ConfigurationProblem]:
    """Bare numbers where a duration belongs: nobody means microseconds."""
    if (
        isinstance(tree.value, int | float)
        and not isinstance(tree.value, bool)
        and tree.value != 0
        and is_duration(path)
    ):
        hint = f"write {tree.value}s, {tree.value}m or {tree.value}h"
        yield problem_at(whole, path, f"the duration {tree.value} has no unit", hint)
    for part, child in _children(tree):
        yield from _durations(whole, child, (*path, part))


def _secrets(whole: Tree, tree: Tree, path: tuple[str | int, ...]) -> Iterator[ConfigurationProblem]:
    """`${NAME}` anywhere but where it is filled in at the moment of use would be stored with the configuration."""
    if isinstance(tree.value, str) and SECRET.search(tree.value) and not _is_filled_in(path):
        hint = f"`${{NAME}}` works in {' and '.join(_FILLED_IN_TOLD)} only"
        yield problem_at(whole, path, "an environment variable can't be used here", hint)
    for part, child in _children(tree):
        yield from _secrets(whole, child, (*path, part))


def _is_filled_in(path: tuple[str | int, ...]) -> bool:
    """sources.NAME.endpoint and its like, and the text of a rule, where it means nothing."""
    return path[-1:] == (_RULE_TEXT,) or (len(path) > 2 and path[2] in _FILLED_IN.get(str(path[0]), ()))  # noqa: PLR2004


def _children(tree: Tree) -> Iterator[tuple[str | int, Tree]]:
    yield from (tree.fields or {}).items()
    yield from enumerate(tree.items or ())
