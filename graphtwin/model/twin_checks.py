"""What a twin.yaml can have wrong although every value has the right form: names, references, expressions, secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jmespath
from jmespath.exceptions import JMESPathError

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.reserved import check_names, check_variable_name, label_token, relation_token
from graphtwin.model.secrets import SECRET
from graphtwin.model.twin_words import is_duration, line_of, nearest, path_text
from graphtwin.model.vocabulary import CORE_RELATIONS, ENTITY_CLASSES
from graphtwin.model.yaml_tree import Tree

Path = Sequence[str | int]

_EXPRESSIONS: Final = ("when", "id", "label", "valid_from", "each")
_RULE_TEXT: Final = "cypher"


def checks(tree: Tree) -> list[ConfigurationProblem]:
    """Everything wrong with names, references, expressions, durations and secrets; it reads what can be read."""
    found = [
        *_names(tree),
        *_tokens(tree),
        *_durations(tree, tree, ()),
        *_secrets(tree, tree, ()),
        *_time_zone(tree),
        *_types(tree),
        *_relations(tree),
        *_entities(tree),
        *_expressions(tree),
        *_twice(tree, "rules"),
        *_twice(tree, "actions"),
        *_twice(tree, "entities"),
        *_actions(tree),
        *_source_names(tree),
    ]
    return sorted(found, key=lambda problem: (problem.file, problem.line))


def _problem(tree: Tree, path: Path, message: str, hint: str = "") -> ConfigurationProblem:
    file, line = line_of(tree, path)
    return ConfigurationProblem(file, line, path_text(path), message, hint)


def _fields(tree: Tree | None, *path: str | int) -> dict[str, Tree]:
    for part in path:
        tree = tree.child(part) if tree else None
    return (tree.fields or {}) if tree else {}


def _items(tree: Tree, name: str) -> tuple[Tree, ...]:
    child = tree.child(name)
    return (child.items or ()) if child else ()


def _text(tree: Tree | None, *path: str | int) -> str:
    for part in path:
        tree = tree.child(part) if tree else None
    return tree.value if tree and isinstance(tree.value, str) else ""


def _names(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Reserved or malformed names, each at its own line."""
    for name in _fields(tree, "sources"):
        yield from _refused(tree, ("sources", name), types={}, relations=(), sources=(name,))
    for name in _fields(tree, "relations"):
        yield from _refused(tree, ("relations", name), types={}, relations=(name,), sources=())
    for name, kind in _fields(tree, "types").items():
        types = {name: _text(kind, "label")}
        yield from _refused(tree, ("types", name), types=types, relations=(), sources=())
        for variable in _fields(kind, "variables"):
            try:
                check_variable_name(name, variable)
            except ValueError as error:
                yield _problem(tree, ("types", name, "variables", variable), str(error))


def _refused(
    tree: Tree, path: Path, *, types: dict[str, str], relations: tuple[str, ...], sources: tuple[str, ...]
) -> Iterator[ConfigurationProblem]:
    try:
        check_names(types=types, variables={}, relations=relations, sources=sources)
    except ValueError as error:
        yield _problem(tree, path, str(error))


def _tokens(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Two declarations that would be one label or relationship type in the graph."""
    types = {name: label_token(name, _text(kind, "label")) for name, kind in _fields(tree, "types").items()}
    relations = {name: relation_token(name) for name in _fields(tree, "relations")}
    for section, tokens in (("types", types), ("relations", relations)):
        first: dict[str, str] = {}
        for name, token in tokens.items():
            if token in first:
                what = f"{first[token]!r} and {name!r} both become {token!r} in the graph"
                yield _problem(
                    tree, (section, name), what, "rename one" if section == "relations" else "give one a `label`"
                )
            first.setdefault(token, name)


def _durations(whole: Tree, tree: Tree, path: tuple[str | int, ...]) -> Iterator[ConfigurationProblem]:
    """Bare numbers where a duration belongs: nobody means microseconds."""
    if (
        isinstance(tree.value, int | float)
        and not isinstance(tree.value, bool)
        and tree.value != 0
        and is_duration(path)
    ):
        hint = f"write {tree.value}s, {tree.value}m or {tree.value}h"
        yield _problem(whole, path, f"the duration {tree.value} has no unit", hint)
    for part, child in _children(tree):
        yield from _durations(whole, child, (*path, part))


def _secrets(whole: Tree, tree: Tree, path: tuple[str | int, ...]) -> Iterator[ConfigurationProblem]:
    """`${NAME}` anywhere but in a source's endpoint or env would be stored with the configuration."""
    allowed = len(path) > 2 and path[0] == "sources" and path[2] in ("endpoint", "env")  # noqa: PLR2004 - sources.X.env
    if isinstance(tree.value, str) and SECRET.search(tree.value) and not allowed and path[-1:] != (_RULE_TEXT,):
        hint = "`${NAME}` works in a source's endpoint and env only"
        yield _problem(whole, path, "an environment variable can't be used here", hint)
    for part, child in _children(tree):
        yield from _secrets(whole, child, (*path, part))


def _children(tree: Tree) -> Iterator[tuple[str | int, Tree]]:
    yield from (tree.fields or {}).items()
    yield from enumerate(tree.items or ())


def _time_zone(tree: Tree) -> Iterator[ConfigurationProblem]:
    name = _text(tree, "world", "timezone")
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield _problem(tree, ("world", "timezone"), f"{name!r} isn't a time zone", "write it like Europe/Berlin or UTC")


def _types(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Types that are named and nowhere declared, and types that are their own ancestors."""
    declared = _fields(tree, "types")
    known = {*declared, *ENTITY_CLASSES}
    for name, kind in declared.items():
        base = _text(kind, "is_a")
        if base and base not in known:
            yield _problem(tree, ("types", name, "is_a"), f"the type {base!r} isn't declared", nearest(base, known))
        seen = [name]
        while base in declared and base not in seen:
            seen.append(base)
            base = _text(declared[base], "is_a")
        if base == name and name not in ENTITY_CLASSES:
            yield _problem(tree, ("types", name, "is_a"), f"the type {name!r} is its own ancestor", "end the circle")
    for path, mapping in _mappings(tree):
        kind_name = _text(mapping, "type")
        if kind_name and not kind_name.startswith("=") and kind_name not in known:
            what = f"the type {kind_name!r} isn't declared"
            yield _problem(tree, (*path, "type"), what, nearest(kind_name, known))
    for index, entity in enumerate(_items(tree, "entities")):
        kind_name = _text(entity, "type")
        if kind_name and kind_name not in known:
            what = f"the type {kind_name!r} isn't declared"
            yield _problem(tree, ("entities", index, "type"), what, nearest(kind_name, known))


def _relations(tree: Tree) -> Iterator[ConfigurationProblem]:
    known = {*_fields(tree, "relations"), *CORE_RELATIONS}
    places = [(path, mapping) for path, mapping in _mappings(tree)]
    places += [(("entities", index), entity) for index, entity in enumerate(_items(tree, "entities"))]
    for path, holder in places:
        for name in _fields(holder, "relations"):
            if name not in known:
                what = f"the relation {name!r} isn't declared"
                yield _problem(tree, (*path, "relations", name), what, nearest(name, known))


def _entities(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Relations of declared entities lead to declared entities."""
    entities = _items(tree, "entities")
    known = {_text(entity, "id") for entity in entities} - {""}
    for index, entity in enumerate(entities):
        for name, objects in _fields(entity, "relations").items():
            for target in objects.items or (objects,):
                if isinstance(target.value, str) and target.value not in known:
                    path = ("entities", index, "relations", name)
                    yield _problem(tree, path, f"no entity {target.value!r} is declared", nearest(target.value, known))


def _mappings(tree: Tree) -> Iterator[tuple[tuple[str | int, ...], Tree]]:
    for name, source in _fields(tree, "sources").items():
        mapping = source.child("mapping")
        if mapping is None:
            continue
        if mapping.fields is not None:
            yield ("sources", name, "mapping"), mapping
        for index, item in enumerate(mapping.items or ()):
            yield ("sources", name, "mapping", index), item


def _expressions(tree: Tree) -> Iterator[ConfigurationProblem]:
    for name, source in _fields(tree, "sources").items():
        for field in ("records", "timestamp", "position"):
            yield from _expression(tree, ("sources", name, field), _text(source, field))
    for path, mapping in _mappings(tree):
        for field in _EXPRESSIONS:
            yield from _expression(tree, (*path, field), _text(mapping, field))
        kind = _text(mapping, "type")
        if kind.startswith("="):
            yield from _expression(tree, (*path, "type"), kind[1:])
        for section in ("variables", "relations"):
            for name, value in _fields(mapping, section).items():
                text = _text(value, "path") if value.fields is not None else _text(value)
                yield from _expression(tree, (*path, section, name), text)


def _expression(tree: Tree, path: Path, text: str) -> Iterator[ConfigurationProblem]:
    try:
        if text:
            jmespath.compile(text)
    except JMESPathError as error:
        what = str(error).splitlines()[0].rstrip(":., ")
        yield _problem(tree, path, f"{text!r} isn't a JMESPath: {what}", 'a name with other signs stands in "quotes"')


def _twice(tree: Tree, section: str) -> Iterator[ConfigurationProblem]:
    first: dict[str, int] = {}
    for index, item in enumerate(_items(tree, section)):
        name = _text(item, "id")
        if name in first and name:
            what = f"the id {name!r} is taken, at line {first[name]}"
            yield _problem(tree, (section, index, "id"), what, "give each its own")
        first.setdefault(name, item.line)


def _actions(tree: Tree) -> Iterator[ConfigurationProblem]:
    known = {_text(action, "id") for action in _items(tree, "actions")} - {""}
    constraints = tree.child("constraints")
    allowed = constraints.child("allowed_actions") if constraints else None
    for index, item in enumerate((allowed.items or ()) if allowed else ()):
        if isinstance(item.value, str) and item.value not in known:
            path = ("constraints", "allowed_actions", index)
            yield _problem(tree, path, f"no action {item.value!r} is declared", nearest(item.value, known))


def _source_names(tree: Tree) -> Iterator[ConfigurationProblem]:
    known = set(_fields(tree, "sources"))
    for name in _fields(tree, "trust", "sources"):
        if name not in known:
            yield _problem(tree, ("trust", "sources", name), f"no source {name!r} is declared", nearest(name, known))
