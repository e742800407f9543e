"""The parts of reference pages that follow from the code: tables of steps, fields, settings, errors and statements.

A page holds its hand-written text and, between `<!-- generated: NAME -->` and `<!-- end -->`, the part of that name.
"""

from __future__ import annotations

import inspect
import json
import re
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from graphtwin import errors
from graphtwin.model.catalogue import Backoff, StepDefinition, WorkflowDefinition
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import compact_duration
from graphtwin.rdf.ontology import CLASSES, PROPERTIES
from graphtwin.rdf.vocabulary import PREFIXES
from graphtwin.settings import Neo4jSettings, Settings
from graphtwin.store.neo4j.analyst_files import AnalystQuery, analyst_queries
from graphtwin.store.neo4j.cypher_files import cypher_folder, parse_statement
from graphtwin.workflows.build_definition import BOOTSTRAP
from graphtwin.workflows.digital_twin_sync import SYNC_LOOP
from graphtwin.workflows.runner import Step, Workflow, always
from graphtwin.workflows.world_model_build import WORLD_MODEL_BUILD

PAGES: Final = ("architecture.md", "workflow.md", "configuration.md", "errors.md", "cypher.md", "rdf.md")
_PART: Final = re.compile(r"(<!-- generated: ([a-z .-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str) -> str:
    """The page with every generated part as the code says now. Raises KeyError for a part that nothing makes."""
    return _PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}{part[3]}", page)


# --- the workflows -------------------------------------------------------------------------------------------------


def workflow_steps(workflow: Workflow) -> str:
    """A heading a step, in order."""
    said = workflow.definition
    head = f"Goal: {said.goal} It went well when: {_joined(said.success)}\n\n"
    return head + "\n".join(_step(number, step) for number, step in enumerate(workflow.steps, 1))


def workflow_table(workflow: Workflow) -> str:
    """A row a step, for a workflow whose steps are short or told elsewhere."""
    head = f"Goal: {workflow.definition.goal} It went well when: {_joined(workflow.definition.success)}\n\n"
    rows = (
        (str(number), f"`{step.name}`", step.definition.purpose, _how(step), _fails(step.definition))
        for number, step in enumerate(workflow.steps, 1)
    )
    return head + _table(("", "step", "what for", "how", "when it fails"), rows)


def bootstrap_table(definition: WorkflowDefinition = BOOTSTRAP) -> str:
    """A row a workflow that it runs."""
    head = f"Goal: {definition.goal} It went well when: {_joined(definition.success)}\n\n"
    rows = (
        (str(number), f"`{step.capability}`", step.purpose, step.condition or "always")
        for number, step in enumerate(definition.steps, 1)
    )
    return head + _table(("", "workflow", "what for", "when"), rows)


def _step(number: int, step: Step) -> str:
    said = step.definition
    lines = [f"### {number}. {said.capability}\n", f"{said.purpose} {_how(step)}\n"]
    lines += [f"- *When {gate.when}:* {gate.action} (“{gate.message}”)." for gate in said.gates]
    lines += [f"- *When {one.condition}:* {one.action}. {_sentence(one.recovery)}" for one in said.failure_modes]
    return "\n".join(lines) + ("\n" if said.gates or said.failure_modes else "")


def _how(step: Step) -> str:
    """What the runner knows of a row, in half sentences."""
    said = step.definition
    takes = ", ".join(f"`{source}`" for source in dict.fromkeys(said.input_bindings.values())) or "nothing"
    told = [f"takes {'the whole run' if takes == '`*`' else takes}", f"answers `{said.store_as}`"]
    if said.output_conforms_to:
        told.append(f"as {_linked(said.output_conforms_to)} says")
    if said.parallel_group:
        told.append(f"side by side with the others of group `{said.parallel_group}`")
    if step.in_transaction:
        told.append("inside the world's transaction")
    if step.again_under_lock:
        told.append("again under the lock if the head moved")
    if said.requires_checkpoint:
        told.append("needs a checkpoint" + (" and approval" if said.requires_approval else ""))
    if said.condition:
        told.append(f"only if `{said.condition}`")
    if step.why_not is always:
        told.append("also in a run that was stopped")
    if said.timeout:
        told.append(f"at most {said.timeout}")
    if said.retry:
        again = f"{said.retry.max} more attempts"
        told.append(again + (f" with {said.retry.backoff} waits" if said.retry.backoff is not Backoff.NONE else ""))
    return f"Risk {said.risk}; {'changes things' if said.mutation else 'changes nothing'}; {', '.join(told)}."


def _fails(said: StepDefinition) -> str:
    return " ".join(f"*{one.condition}:* {one.action}. {_sentence(one.recovery)}" for one in said.failure_modes)


def _sentence(text: str) -> str:
    name = "-" in text.partition(" ")[0]
    return f"{text}." if name else f"{text[:1].upper()}{text[1:]}."


def _linked(conforms: str) -> str:
    return f"[{conforms}]({conforms.partition('#')[0]})"


def _joined(sentences: tuple[str, ...]) -> str:
    parts = [sentence.rstrip(".") for sentence in sentences]
    return "; ".join(part[:1].lower() + part[1:] for part in parts) + "."


# --- twin.yaml and the settings ------------------------------------------------------------------------------------


def twin_fields() -> str:
    """A table for each part of twin.yaml, from the models and their docstrings."""
    return "\n".join(_model(path, model) for path, model in twin_models())


def twin_models() -> Iterator[tuple[str, type[BaseModel]]]:
    """Each model below twin.yaml with the path where it first stands, in the order of the file."""
    seen: set[type[BaseModel]] = set()
    pending: list[tuple[str, type[BaseModel]]] = [("", TwinConfig)]
    while pending:
        path, model = pending.pop(0)
        if model in seen:
            continue
        seen.add(model)
        yield path, model
        below = []
        for name, field in model.model_fields.items():
            place = f"{path}.{name}" if path else name
            below += [(place + suffix, one) for suffix, one in _models_in(field.annotation)]
        pending = below + pending


def _models_in(annotation: Any, suffix: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield suffix, annotation
    origin = get_origin(annotation)
    for argument in get_args(annotation):
        step = ".NAME" if origin is dict else "[]" if origin is tuple else ""
        yield from _models_in(argument, suffix + step)


def _model(path: str, model: type[BaseModel]) -> str:
    said = inspect.cleandoc(model.__doc__ or "").replace("\n", " ")
    rows = (
        (f"`{name}`", _kind(field), _default(field), (field.description or "").replace("\n", " "))
        for name, field in model.model_fields.items()
    )
    return f"### {f'`{path}`' if path else 'The whole file'}\n\n{said}\n\n" + _table(
        ("field", "kind", "default", "meaning"), rows
    )


def _kind(field: FieldInfo) -> str:
    return "duration" if _is_duration(field) else _word(field.annotation)


def _is_duration(said: Any) -> bool:
    """Durations are whole numbers inside; their schema says how people write them."""
    return "examples" in (getattr(said, "json_schema_extra", None) or {})


def _word(annotation: Any) -> str:  # noqa: PLR0911 - a table, one line a kind
    """A type as people say it."""
    if annotation is type(None):
        return ""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if any(_is_duration(one) for one in arguments[1:]):
        return "duration"
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(word for one in arguments if (word := _word(one))))
    if origin is dict:
        return f"names to {_many(_word(arguments[1]))}"
    if origin is tuple:
        return f"list of {_many(_word(arguments[0]))}"
    if arguments:  # Annotated
        return _word(arguments[0])
    plain = {str: "text", int: "whole number", float: "number", bool: "true, false", Path: "path", Any: "value"}
    if isinstance(annotation, type) and issubclass(annotation, SecretStr):
        return "text"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[fields](#{_anchor(annotation)})"
    return plain.get(annotation, str(annotation))


def _anchor(model: type[BaseModel]) -> str:
    """Where a model's table stands: a heading's anchor keeps its letters and digits."""
    path = next(path for path, one in twin_models() if one is model)
    return re.sub(r"[^a-z0-9_]", "", path.lower())


def _many(word: str) -> str:
    return {"text": "texts", "number": "numbers", "value": "values", "duration": "durations"}.get(word, word)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined or value is None or value in ("", (), {}) or isinstance(value, BaseModel):
        return ""
    if _kind(field) == "duration":
        return f"`{compact_duration(value)}`"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def settings_table() -> str:
    """Every setting with its environment variable."""
    rows = [*_settings("", Settings), *_settings("neo4j.", Neo4jSettings)]
    return _table(("setting", "environment", "kind", "default", "meaning"), rows)


_PLACES: Final = {"home": "`~/.local/share/graphtwin`", "cache": "`~/.cache/graphtwin`"}


def _settings(prefix: str, model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            continue
        variable = "GRAPHTWIN_" + (prefix + name).upper().replace(".", "__")
        default = _PLACES.get(name) or _default(field)
        yield f"`{prefix}{name}`", f"`{variable}`", _word(field.annotation), default, field.description or ""


# --- errors and statements -----------------------------------------------------------------------------------------


def error_table() -> str:
    """The tree, a row an error."""
    return _table(("error", "exit code", "again unchanged?", "meaning", "next move"), _errors(errors.GraphtwinError, 0))


def _errors(kind: type[errors.GraphtwinError], depth: int) -> Iterator[tuple[str, ...]]:
    meaning, _, move = inspect.cleandoc(kind.__doc__ or "").partition("\n\nNext: ")
    if depth:
        again = "yes" if kind.retryable else "no"
        indent = "&emsp;" * (depth - 1)
        yield f"{indent}`{kind.__name__}`", str(kind.exit_code), again, meaning.replace("\n", " "), move
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield from _errors(below, depth + 1)


def statement_table() -> str:
    """A table for each room of cypher/."""
    folder = cypher_folder()
    rooms = sorted(path for path in folder.iterdir() if path.is_dir() and path.name != "analyst")
    return "\n".join(f"### cypher/{room.name}\n\n" + _table(_HEADS, _statements(room)) for room in rooms)


_HEADS: Final = ("statement", "mode", "what for", "params")


def _statements(room: Path) -> Iterator[tuple[str, ...]]:
    for file in sorted(room.glob("*.cypher")):
        one = parse_statement(f"{room.name}/{file.stem}", file.read_text(encoding="utf-8"))
        params = ", ".join(f"`{param}`" for param in sorted(one.params))
        yield f"[{file.stem}](../cypher/{room.name}/{file.name})", one.mode, one.purpose, params


_SHOWN: Final = 6
_LONG: Final = 60
"""Lines from which on a query is better read in its file."""
_RESULTS: Final = Path(__file__).resolve().parents[1] / "tests" / "golden" / "analyst"


def analyst_section() -> str:
    """A heading a query: what it is for, how it is asked, what it answered, and itself. A test asks each anew."""
    return "\n".join(_analyst_query(one) for one in analyst_queries().values())


def _analyst_query(query: AnalystQuery) -> str:
    answered = json.loads((_RESULTS / f"{query.name}.json").read_text("utf-8"))
    rows = [tuple(map(_cell, row)) for row in answered["rows"]]
    more = f"\n… and {len(rows) - _SHOWN} more rows.\n" if len(rows) > _SHOWN else ""
    asked = " ".join(f"-p {one.name}={one.value}" for one in query.parameters if one.needed and one.name != "world")
    parameters = "".join(
        f"- `{one.name}`: {one.meaning}"
        + ("" if one.needed else f" (`{json.dumps(one.value, ensure_ascii=False)}`)")
        + "\n"
        for one in query.parameters
    )
    file = f"[{query.name}.cypher](../cypher/analyst/{query.name}.cypher)"
    body = parse_statement(query.name, query.text).text
    text = (
        f"<details><summary>The query</summary>\n\n```cypher\n{body}\n```\n\n</details>\n"
        if body.count("\n") < _LONG
        else ""
    )
    return (
        f"### {query.name}\n\n{query.purpose} {file}\n\n{parameters}\n```text\n"
        f"$ graphtwin query {query.name} {asked}".rstrip()
        + f"\n```\n\n{_table(tuple(answered['columns']), rows[:_SHOWN])}{more}\n{text}"
    )


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_INDEX: Final = re.compile(
    r"CREATE (?P<kind>CONSTRAINT|RANGE INDEX) \w+ IF NOT EXISTS\s+FOR \(\w+:(?P<label>\w+)\) "
    r"(?:REQUIRE|ON) \(?(?P<properties>[\w., ]+)"
)


def index_table() -> str:
    """What is unique and what is sought by, from the statements that make the schema."""
    rows = []
    for file in sorted((cypher_folder() / "schema").glob("*.cypher")):
        one = parse_statement(f"schema/{file.stem}", file.read_text(encoding="utf-8"))
        if found := _INDEX.search(one.text):
            names = ", ".join(
                f"`{name.rpartition('.')[2]}`"
                for name in found["properties"].replace(" IS UNIQUE", "").strip(" )").split(", ")
            )
            rows.append(
                (f"`{found['label']}`", "unique" if found["kind"] == "CONSTRAINT" else "index", names, one.purpose)
            )
    return _table(("label", "kind", "properties", "what for"), sorted(rows))


def rdf_classes() -> str:
    """Graphtwin's classes in RDF, with those of public vocabularies that each is below."""
    rows = [(f"`gt:{one.name}`", ", ".join(map(_curie, one.above)), one.comment) for one in CLASSES]
    return _table(("class", "is a", "meaning"), rows)


def rdf_properties() -> str:
    """Graphtwin's properties in RDF."""
    rows = [
        (f"`gt:{one.name}`", _curie(one.of) if one.of else "", _curie(one.to) if one.to else "", one.comment)
        for one in PROPERTIES
    ]
    return _table(("property", "of", "to", "meaning"), rows)


def _curie(term: str) -> str:
    prefix, namespace = next((one for one in PREFIXES.items() if term.startswith(one[1])), ("", ""))
    return f"`{prefix}:{term.removeprefix(namespace)}`"


def _table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"| {' | '.join('---' for _ in columns)} |"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


PARTS: Final[dict[str, Callable[[], str]]] = {
    "sync loop": lambda: workflow_steps(SYNC_LOOP),
    "world model build": lambda: workflow_table(WORLD_MODEL_BUILD),
    "bootstrap": bootstrap_table,
    "twin.yaml": twin_fields,
    "settings": settings_table,
    "errors": error_table,
    "statements": statement_table,
    "analyst": analyst_section,
    "indexes": index_table,
    "rdf classes": rdf_classes,
    "rdf properties": rdf_properties,
}
