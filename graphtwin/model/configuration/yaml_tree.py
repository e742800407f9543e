"""YAML read as the JSON it could have been, with the line of every value: what a helpful error needs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any, Final

import yaml

from graphtwin.errors import ConfigurationError, ConfigurationProblem
from graphtwin.model.plain_yaml import FLOAT, MAX_NODES, NOT_FINITE, PLAIN, STANDARD, WORDS, PlainLoader

MAX_BYTES: Final = 4 * 2**20
MAX_DEPTH: Final = 32

_EXACT: Final = 2**53
_INT = re.compile(r"[-+]?[0-9]+")


@dataclass(frozen=True, slots=True)
class Tree:
    """A value and where it stands: a scalar in `value`, else children by key or index. `line` counts from 1."""

    file: str
    line: int
    value: Any = None
    fields: dict[str, Tree] | None = None
    items: tuple[Tree, ...] | None = None

    def plain(self) -> Any:
        """The value without lines."""
        if self.fields is not None:
            return {key: child.plain() for key, child in self.fields.items()}
        if self.items is not None:
            return [item.plain() for item in self.items]
        return self.value

    def child(self, part: str | int) -> Tree | None:
        """What stands under a key or index, None when nothing does."""
        if self.fields is not None:
            return self.fields.get(str(part))
        if self.items is not None and isinstance(part, int) and 0 <= part < len(self.items):
            return self.items[part]
        return None

    def with_fields(self, **changes: Tree | None) -> Tree:
        """A mapping with some fields replaced; None takes one away."""
        fields = {**(self.fields or {}), **changes}
        return replace(self, fields={key: child for key, child in fields.items() if child is not None})

    def scalar(self, value: Any) -> Tree:
        """Another value on the same line."""
        return Tree(self.file, self.line, value)


def read_tree(text: str, file: str) -> tuple[Tree, list[ConfigurationProblem]]:
    """The one document of a YAML text, and what is wrong with its keys and values.

    Raises ConfigurationError where nothing can be read: bad syntax, several documents, too deep, too large.
    """
    if len(text) > MAX_BYTES:
        raise ConfigurationError(f"The file is larger than {MAX_BYTES // 2**20} MiB.", file=file, hint="Split it.")
    try:
        _check_levels(text, file)
        node = yaml.compose(text, Loader=PlainLoader)
    except yaml.MarkedYAMLError as error:
        raise _bad_syntax(error, text, file) from None
    except yaml.YAMLError as error:
        what = str(error).splitlines()[0]
        raise ConfigurationError(f"This isn't YAML: {what}.", file=file, line=1, hint="Write plain UTF-8.") from None
    if node is None:
        raise ConfigurationError(
            "The file is empty.", file=file, line=1, hint="graphtwin init writes one to begin with."
        )
    reader = _Reader(file)
    return reader.tree(node, node.start_mark.line + 1, ""), reader.problems


def _check_levels(text: str, file: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise ConfigurationError(
                    f"This is nested deeper than {MAX_DEPTH} levels.", file=file, line=line, hint="Write it flatter."
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _bad_syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> ConfigurationError:
    mark = error.problem_mark or error.context_mark
    line = min(mark.line + 1, max(1, text.count("\n") + 1)) if mark else 1
    lines = text.splitlines()
    hint = "Check the indentation and the quotes there."
    if line <= len(lines) and "\t" in lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]:
        hint = "Indent with spaces: YAML doesn't take tabs."
    return ConfigurationError(f"This isn't YAML: {error.problem or error.context}.", file=file, line=line, hint=hint)


class _Reader:
    """Turns nodes into trees and collects what is wrong on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[ConfigurationProblem] = []
        self._nodes = 0
        self._above: set[int] = set()

    def tree(self, node: yaml.Node, line: int, path: str) -> Tree:
        self._nodes += 1
        if self._nodes > MAX_NODES or id(node) in self._above:
            what = "An alias refers to itself" if id(node) in self._above else f"Aliases make over {MAX_NODES} values"
            raise ConfigurationError(f"{what}.", file=self.file, line=line, hint="Write the values out.")
        if isinstance(node, yaml.ScalarNode):
            return Tree(self.file, line, self._scalar(node, line, path))
        self._check_tag(node, line, path)
        self._above.add(id(node))
        made = self._mapping(node, line, path) if isinstance(node, yaml.MappingNode) else self._list(node, line, path)
        self._above.discard(id(node))
        return made

    def _list(self, node: yaml.Node, line: int, path: str) -> Tree:
        items = tuple(
            self.tree(item, item.start_mark.line + 1, f"{path}[{index}]") for index, item in enumerate(node.value)
        )
        return Tree(self.file, line, items=items)

    def _mapping(self, node: yaml.MappingNode, line: int, path: str) -> Tree:
        fields: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            at = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or (key == "<<" and not key_node.style):
                self._problem(at, path, "a key must be plain text", "write the fields out")
                continue
            here = f"{path}.{key}" if path else key
            if key in fields:
                self._problem(at, here, f"{key!r} stands twice, first at line {fields[key].line}", "keep one of them")
                continue
            fields[key] = self.tree(value_node, at, here)
        return Tree(self.file, line, fields=fields)

    def _scalar(self, node: yaml.ScalarNode, line: int, path: str) -> Any:
        text: str = node.value
        if node.tag != PLAIN:
            self._check_tag(node, line, path)
            return text
        if text in WORDS:
            return WORDS[text]
        if _INT.fullmatch(text):
            return self._number(int(text) if len(text) < MAX_DEPTH else math.inf, text, line, path)
        if FLOAT.fullmatch(text):
            return self._number(float(text), text, line, path)
        if NOT_FINITE.fullmatch(text):
            return self._number(math.inf, text, line, path)
        return text

    def _number(self, number: float, text: str, line: int, path: str) -> float | None:
        if isinstance(number, int) and abs(number) < _EXACT:
            return number
        if isinstance(number, float) and math.isfinite(number):
            return number
        self._problem(line, path, f"{text} isn't a number that can be kept exactly", "put it in quotes if it is a name")
        return None

    def _check_tag(self, node: yaml.Node, line: int, path: str) -> None:
        kind = {yaml.ScalarNode: "str", yaml.SequenceNode: "seq", yaml.MappingNode: "map"}[type(node)]
        if node.tag != STANDARD + kind:
            self._problem(line, path, f"the tag {node.tag!r} isn't read", "leave tags out")

    def _problem(self, line: int, path: str, message: str, hint: str) -> None:
        self.problems.append(ConfigurationProblem(self.file, line, path, message, hint))
