"""What a twin.yaml can have wrong although every value has the right form: references, expressions, names, secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jmespath
from jmespath.exceptions import JMESPathError

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.configuration.acting_checks import acting_problems
from graphtwin.model.configuration.cypher_checks import cypher_problems
from graphtwin.model.configuration.rule_checks import machines_by_type, rule_problems
from graphtwin.model.configuration.source_checks import clock_problems, source_problems
from graphtwin.model.configuration.tree_reading import Path, fields_of, items_of, problem_at, text_of
from graphtwin.model.configuration.twin_names import name_problems
from graphtwin.model.configuration.twin_texts import text_problems
from graphtwin.model.configuration.twin_words import nearest
from graphtwin.model.configuration.yaml_tree import Tree
from graphtwin.model.vocabulary import CORE_RELATIONS, ENTITY_CLASSES

_EXPRESSIONS: Final = ("when", "id", "label", "valid_from", "each")


def checks(tree: Tree) -> list[ConfigurationProblem]:
    """Everything wrong with names, references, expressions, durations and secrets; it reads what can be read."""
    found = [
        *_own(tree),
        *name_problems(tree),
        *text_problems(tree),
        *_time_zone(tree),
        *_types(tree),
        *_relations(tree),
        *_entities(tree),
        *_values(tree),
        *_expressions(tree),
        *_twice(tree, "rules"),
        *_twice(tree, "actions"),
        *_twice(tree, "entities"),
        *clock_problems(tree),
        *source_problems(tree),
        *acting_problems(tree),
        *rule_problems(tree),
        *cypher_problems(tree),
        *_answers(tree),
        *_source_names(tree),
    ]
    return sorted(found, key=lambda problem: (problem.file, problem.line))


def _own(tree: Tree) -> Iterator[ConfigurationProblem]:
    """What only graphtwin writes, with the configuration that it stores."""
    if fields_of(tree).get("inspected") is not None:
        yield problem_at(tree, ("inspected",), "graphtwin writes this itself, never a person", "leave it out")


def _time_zone(tree: Tree) -> Iterator[ConfigurationProblem]:
    name = text_of(tree, "world", "timezone")
    try:
        if name and name != "UTC":  # known even where no time zone data is installed
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield problem_at(
            tree, ("world", "timezone"), f"{name!r} isn't a time zone", "write it like Europe/Berlin or UTC"
        )


def _types(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Types that are named and nowhere declared, and types that are their own ancestors."""
    declared = fields_of(tree, "types")
    known = {*declared, *ENTITY_CLASSES}
    for name, kind in declared.items():
        base = text_of(kind, "is_a")
        if base and base not in known:
            yield problem_at(tree, ("types", name, "is_a"), f"the type {base!r} isn't declared", nearest(base, known))
        seen = [name]
        while base in declared and base not in seen:
            seen.append(base)
            base = text_of(declared[base], "is_a")
        if base == name and name not in ENTITY_CLASSES:
            yield problem_at(tree, ("types", name, "is_a"), f"the type {name!r} is its own ancestor", "end the circle")
    for path, mapping in _mappings(tree):
        kind_name = text_of(mapping, "type")
        if kind_name and not kind_name.startswith("=") and kind_name not in known:
            what = f"the type {kind_name!r} isn't declared"
            yield problem_at(tree, (*path, "type"), what, nearest(kind_name, known))
    for index, entity in enumerate(items_of(tree, "entities")):
        kind_name = text_of(entity, "type")
        if kind_name and kind_name not in known:
            what = f"the type {kind_name!r} isn't declared"
            yield problem_at(tree, ("entities", index, "type"), what, nearest(kind_name, known))


def _relations(tree: Tree) -> Iterator[ConfigurationProblem]:
    known = {*fields_of(tree, "relations"), *CORE_RELATIONS}
    places = [(path, mapping) for path, mapping in _mappings(tree)]
    places += [(("entities", index), entity) for index, entity in enumerate(items_of(tree, "entities"))]
    for path, holder in places:
        for name in fields_of(holder, "relations"):
            if name not in known:
                what = f"the relation {name!r} isn't declared"
                yield problem_at(tree, (*path, "relations", name), what, nearest(name, known))


def _entities(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Relations of declared entities lead to declared entities."""
    entities = items_of(tree, "entities")
    known = {text_of(entity, "id") for entity in entities} - {""}
    local = {_local(one) for one in known}
    for index, entity in enumerate(entities):
        for name, objects in fields_of(entity, "relations").items():
            for target in objects.items or (objects,):
                if isinstance(target.value, str) and target.value not in known and _local(target.value) not in local:
                    path = ("entities", index, "relations", name)
                    yield problem_at(
                        tree, path, f"no entity {target.value!r} is declared", nearest(target.value, known)
                    )


def _local(entity: str) -> str:
    """The last part of an id: `service:acme/shop/orders` and `orders` may be one."""
    return entity.rsplit("/", 1)[-1]


def _values(tree: Tree) -> Iterator[ConfigurationProblem]:
    """What declared entities assume, expect or want is about variables of their type."""
    for index, entity in enumerate(items_of(tree, "entities")):
        known = _variables(tree, text_of(entity, "type"))
        for section in ("baseline", "expected", "desired"):
            for name in fields_of(entity, section):
                if known is not None and name not in known:
                    path = ("entities", index, section, name)
                    what = f"the type {text_of(entity, 'type')!r} has no variable {name!r}"
                    yield problem_at(tree, path, what, nearest(name, known))


def _variables(tree: Tree, kind: str) -> set[str] | None:
    """The variables of a declared type, inherited ones included; None for a type that isn't declared."""
    declared = fields_of(tree, "types")
    if kind not in declared:
        return None
    found: set[str] = set()
    seen: set[str] = set()
    while kind in declared and kind not in seen:
        seen.add(kind)
        found |= set(fields_of(declared[kind], "variables"))
        kind = text_of(declared[kind], "is_a")
    return found


def _mappings(tree: Tree) -> Iterator[tuple[tuple[str | int, ...], Tree]]:
    for name, source in fields_of(tree, "sources").items():
        mapping = source.child("mapping")
        if mapping is None:
            continue
        if mapping.fields is not None:
            yield ("sources", name, "mapping"), mapping
        for index, item in enumerate(mapping.items or ()):
            yield ("sources", name, "mapping", index), item


def _expressions(tree: Tree) -> Iterator[ConfigurationProblem]:
    yield from _expression(tree, ("world", "clock", "path"), text_of(tree, "world", "clock", "path"))
    for name, source in fields_of(tree, "sources").items():
        for field in ("records", "timestamp", "position", "next"):
            yield from _expression(tree, ("sources", name, field), text_of(source, field))
    for path, mapping in _mappings(tree):
        for field in _EXPRESSIONS:
            yield from _expression(tree, (*path, field), text_of(mapping, field))
        kind = text_of(mapping, "type")
        if kind.startswith("="):
            yield from _expression(tree, (*path, "type"), kind[1:])
        for section in ("variables", "relations"):
            for name, value in fields_of(mapping, section).items():
                text = text_of(value, "path") if value.fields is not None else text_of(value)
                yield from _expression(tree, (*path, section, name), text)


def _expression(tree: Tree, path: Path, text: str) -> Iterator[ConfigurationProblem]:
    try:
        if text:
            jmespath.compile(text)
    except JMESPathError as error:
        what = str(error).splitlines()[0].rstrip(":., ")
        yield problem_at(tree, path, f"{text!r} isn't a JMESPath: {what}", 'a name with other signs stands in "quotes"')


def _twice(tree: Tree, section: str) -> Iterator[ConfigurationProblem]:
    first: dict[str, int] = {}
    for index, item in enumerate(items_of(tree, section)):
        name = text_of(item, "id")
        if name in first and name:
            what = f"the id {name!r} is taken, at line {first[name]}"
            yield problem_at(tree, (section, index, "id"), what, "give each its own")
        first.setdefault(name, item.line)


def _answers(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Actions answer findings that can be made: of a rule, a variable, a relation, a source."""
    rules = {text_of(rule, "id") for rule in items_of(tree, "rules")} - {""}
    sources = set(fields_of(tree, "sources"))
    relations = {*fields_of(tree, "relations"), *CORE_RELATIONS}
    drifts = {f"{kind}.{name}" for kind in fields_of(tree, "types") for name in _variables(tree, kind) or ()}
    moving = {text_of(rule, "id") for rule in items_of(tree, "rules") if rule.child("transition") is not None}
    machines = {f"{kind}.{name}" for kind, own in machines_by_type(tree).items() for name in own}
    known = {
        "": rules - moving,
        "drift": drifts,
        "missing": relations,
        "dangling": relations,
        "silence": sources,
        "roster": sources,
        "unsupported": moving,
        "contested": machines,
    }
    for index, action in enumerate(items_of(tree, "actions")):
        when = action.child("when")
        for place, item in enumerate((when.items or ()) if when else ()):
            kind, _, name = item.value.rpartition(":") if isinstance(item.value, str) else ("?", "", "")
            if kind in known and name not in known[kind]:
                what = f"no finding is ever called {item.value!r}"
                yield problem_at(tree, ("actions", index, "when", place), what, nearest(name, known[kind]))


def _source_names(tree: Tree) -> Iterator[ConfigurationProblem]:
    known = set(fields_of(tree, "sources"))
    for name in fields_of(tree, "trust", "sources"):
        if name not in known:
            yield problem_at(tree, ("trust", "sources", name), f"no source {name!r} is declared", nearest(name, known))
