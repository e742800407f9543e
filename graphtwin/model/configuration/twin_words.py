"""What pydantic found wrong in a twin.yaml, said in plain words, at its line, with the nearest thing that is right."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic import ValidationError

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.configuration.twin_schema import twin_schema
from graphtwin.model.configuration.yaml_tree import Tree

Path = tuple[str | int, ...]

_KINDS: Final = {
    "string_type": "text", "int_type": "a whole number", "int_parsing": "a whole number", "int_from_float":
    "a whole number", "float_type": "a number", "float_parsing": "a number", "bool_type": "true or false",
    "bool_parsing": "true or false", "dict_type": "a mapping of names to settings", "model_type":
    "a mapping of names to settings", "model_attributes_type": "a mapping of names to settings",
    "tuple_type": "a list", "list_type": "a list", "mapping_type": "a mapping of names to settings",
}  # fmt: skip
_MANY: Final = 12


def problems_of(error: ValidationError, tree: Tree) -> list[ConfigurationProblem]:
    """One problem for each place that pydantic complains about, in the order of the file."""
    by_place: dict[Path, list[Mapping[str, Any]]] = {}
    for found in error.errors(include_url=False):
        by_place.setdefault(_place(found, tree), []).append(found)
    problems = [
        _problem(place, founds, tree)
        for place, founds in by_place.items()
        if not _another_form_was_meant(place, founds, by_place, tree)
    ]
    return sorted(problems, key=lambda problem: problem.line)


def path_text(path: Iterable[str | int]) -> str:
    """`sources.inventory.mapping[0].id`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def line_of(tree: Tree, path: Sequence[str | int]) -> tuple[str, int]:
    """File and line of what stands at a path, or of the nearest thing around it."""
    for part in path:
        below = tree.child(part)
        if below is None:
            break
        tree = below
    return tree.file, tree.line


def nearest(word: Any, known: Iterable[str]) -> str:
    """A question with the most alike of the known words, else the list of them; "" when there are none."""
    names = sorted(known)
    alike = difflib.get_close_matches(str(word).lower(), {name.lower() for name in names}, n=1, cutoff=0.6)
    for name in names:
        if alike and name.lower() == alike[0]:
            return f"did you mean `{name}`?"
    if not names:
        return ""
    more = ", …" if len(names) > _MANY else ""
    return f"known here: {', '.join(names[:_MANY])}{more}"


def schema_at(path: Sequence[str | int]) -> list[Mapping[str, Any]]:
    """The forms that the schema of twin.yaml allows at a path."""
    forms = _forms(_schema())
    for part in path:
        forms = [below for form in forms for below in _below(form, part)]
    return forms


def is_duration(path: Sequence[str | int]) -> bool:
    """Whether a duration is asked for there."""
    return any("5m" in form.get("examples", ()) for form in schema_at(path))


@cache
def _schema() -> Mapping[str, Any]:
    return twin_schema()


def _forms(schema: Any) -> list[Mapping[str, Any]]:
    """A schema with references and alternatives written out."""
    if not isinstance(schema, Mapping):
        return []
    if "$ref" in schema:
        return _forms(_schema()["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
    alternatives = schema.get("anyOf") or (schema.get("oneOf") if "properties" not in schema else None)
    return [form for part in alternatives for form in _forms(part)] if alternatives else [schema]


def _below(form: Mapping[str, Any], part: str | int) -> list[Mapping[str, Any]]:
    if isinstance(part, int):
        return _forms(form.get("items"))
    return _forms(form.get("properties", {}).get(part) or form.get("additionalProperties"))


def _place(found: Mapping[str, Any], tree: Tree) -> Path:
    """Where it stands in the file: pydantic's location without the names of alternatives it tried."""
    place: list[str | int] = []
    here: Tree | None = tree
    location = [part for part in found["loc"] if part != "[key]"]
    for index, part in enumerate(location):
        below = here.child(part) if here else None
        if below is not None:
            place.append(part)
            here = below
        elif index == len(location) - 1 and found["type"] == "missing":
            place.append(part)
    return tuple(place)


def _another_form_was_meant(
    place: Path, founds: Sequence[Mapping[str, Any]], all_places: Mapping[Path, Any], tree: Tree
) -> bool:
    """A mapping was written where text or a mapping may stand: what is wrong inside it says more."""
    here: Tree | None = tree
    for part in place:
        here = here.child(part) if here else None
    if here is None or (here.fields is None and here.items is None):
        return False
    deeper = any(len(other) > len(place) and other[: len(place)] == place for other in all_places)
    return deeper and all(found["type"] in _KINDS for found in founds)


def _problem(place: Path, founds: Sequence[Mapping[str, Any]], tree: Tree) -> ConfigurationProblem:
    kinds = [found for found in founds if found["type"] in _KINDS]
    telling = [found for found in founds if found["type"] not in _KINDS]
    message, hint = _words(telling[0], place) if telling else _kind_words(kinds)
    file, line = line_of(tree, place)
    return ConfigurationProblem(file, line, path_text(place), message, hint)


def _kind_words(founds: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    wanted = list(dict.fromkeys(_KINDS[found["type"]] for found in founds))
    given = founds[0]["input"]
    return f"must be {' or '.join(wanted)}, not {_shown(given)}", ""


def _words(found: Mapping[str, Any], place: Path) -> tuple[str, str]:
    kind, given, context = found["type"], found["input"], found.get("ctx", {})
    if kind == "extra_forbidden":
        known = {name for form in schema_at(place[:-1]) for name in form.get("properties", ())}
        return f"`{place[-1]}` isn't a setting here", nearest(place[-1], known)
    if kind == "missing":
        return f"`{place[-1]}` is missing", ""
    if kind in ("literal_error", "enum"):
        known = set(re.findall(r"'([^']*)'", str(context.get("expected", ""))))
        return f"{_shown(given)} isn't one of {', '.join(sorted(known))}", _only_question(nearest(given, known))
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", found["msg"])).rstrip("."), ""
    if kind == "string_pattern_mismatch":
        return f"{_shown(given)} has characters that can't stand there", f"it must match {context.get('pattern')}"
    text = str(found["msg"])
    return f"{_shown(given)}: {text[:1].lower()}{text[1:].replace('Input ', 'it ')}".replace(": input ", ": it "), ""


def _only_question(hint: str) -> str:
    return hint if hint.startswith("did you mean") else ""


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…'"  # noqa: PLR2004 - a line of a terminal holds it
