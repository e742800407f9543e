"""YAML read as the JSON it could have been: no objects, no guessing (yes is text), no bombs, no key twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import yaml

from graphtwin.methods.reading.strict_json import MAX_DEPTH, Unreadable, check_value
from graphtwin.model.plain_yaml import FLOAT, MAX_NODES, NOT_FINITE, PLAIN, STANDARD, WORDS, PlainLoader

MAX_DIGITS: Final = 20

_INT = re.compile(r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+")


def yaml_items(text: str, path: Sequence[str] = ()) -> Iterator[tuple[int, int, Any]]:
    """(start, end, value) of each item of the sequence that a document is, or of the document; in characters.

    With a path of keys, of what stands there: nothing where there is nothing or null.
    Scalars follow YAML 1.2's core schema. Raises Unreadable for what isn't YAML, custom tags, a key twice or not text,
    more than 32 levels, aliases that refer to themselves or write out to more than 200,000 nodes, and numbers that
    JSON can't say.
    """
    return _nodes(text, path, _items)


def yaml_documents(text: str) -> list[Any]:
    """The values of the documents in a YAML text, each whole. Raises Unreadable as `yaml_items` does."""
    return [value for _, _, value in _nodes(text, (), _whole)]


def _nodes(
    text: str, path: Sequence[str], take: Callable[[yaml.Node | None], list[yaml.Node]]
) -> Iterator[tuple[int, int, Any]]:
    try:
        _check_levels(text)
        for document in yaml.compose_all(text, Loader=PlainLoader):
            if document is None:
                continue
            sizes: dict[int, int] = {}
            _expanded(document, sizes, set())
            if path:
                check_value(_value_of(document))
            for node in take(_at(document, path)):
                yield node.start_mark.index, node.end_mark.index, check_value(_value_of(node))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise Unreadable(f"not YAML: {error.problem or error.context}{where}", "check the indentation there") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Unreadable(f"not YAML: {str(error).splitlines()[0]}", "write the file as plain YAML in UTF-8") from error


def _at(node: yaml.Node | None, path: Sequence[str]) -> yaml.Node | None:
    """The node at a path of keys; None where there is nothing or null."""
    for name in path:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        node = next((value for key, value in pairs if key.value == name), None)
    return None if path and isinstance(node, yaml.ScalarNode) and _scalar(node) is None else node


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    if node is None:
        return []
    if not isinstance(node, yaml.SequenceNode):
        return [node]
    _standard_tag(node, "seq")
    return list(node.value)


def _whole(node: yaml.Node | None) -> list[yaml.Node]:
    return [] if node is None else [node]


def _check_levels(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(f"nested deeper than {MAX_DEPTH} levels", "write flatter YAML")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _expanded(node: yaml.Node, sizes: dict[int, int], above: set[int]) -> int:
    """How many nodes it is with all aliases written out; raises Unreadable when too many, or when it holds itself."""
    if id(node) in sizes:
        return sizes[id(node)]
    if id(node) in above:
        raise Unreadable(f"an alias refers to itself at line {node.start_mark.line + 1}", "write the value out")
    above.add(id(node))
    inner = (
        [part for pair in node.value for part in pair]
        if isinstance(node, yaml.MappingNode)
        else node.value
        if isinstance(node, yaml.SequenceNode)
        else []
    )
    size = 1 + sum(_expanded(child, sizes, above) for child in inner)
    above.discard(id(node))
    if size > MAX_NODES:
        raise Unreadable(f"its aliases write out to more than {MAX_NODES} nodes", "write the values out")
    sizes[id(node)] = size
    return size


def _value_of(node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    _standard_tag(node, "seq" if isinstance(node, yaml.SequenceNode) else "map")
    if isinstance(node, yaml.SequenceNode):
        return [_value_of(child) for child in node.value]
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        line = key_node.start_mark.line + 1
        if key is None:
            raise Unreadable(f"a key at line {line} is not text", "use plain words as keys")
        if key == "<<" and not key_node.style:
            raise Unreadable(f"a merge key (<<) at line {line} is not read", "write the fields out")
        if key in found:
            raise Unreadable(f"the key {key!r} stands twice, again at line {line}", "write each key once")
        found[key] = _value_of(value_node)
    return found


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.tag != PLAIN:
        _standard_tag(node, "str")
        return text
    if text in WORDS:
        return WORDS[text]
    if _INT.fullmatch(text):
        return _integer(text)
    if FLOAT.fullmatch(text):
        return float(text)
    if NOT_FINITE.fullmatch(text):
        raise Unreadable(f"{text} is not a finite number", "leave the field out when there is no reading")
    return text


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise Unreadable(f"integer {text[:MAX_DIGITS]}... is beyond 64 bits", "quote it")
    return int(text, 0 if text[1:2] in ("x", "o") else 10)


def _standard_tag(node: yaml.Node, kind: str) -> None:
    if node.tag != STANDARD + kind:
        raise Unreadable(f"the tag {node.tag!r} at line {node.start_mark.line + 1} is not read", "leave tags out")
