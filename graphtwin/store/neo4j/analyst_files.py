"""The analyst's queries, one a file in cypher/analyst/, and what the head of a query says about its parameters.

Above each `// :param name => value`, which can be pasted into Neo4j Browser, stands what it means, and whether the value is an
example of what is `needed`, or the `default`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from graphtwin.errors import IntegrityError, UsageError
from graphtwin.store.neo4j.cypher_files import cypher_folder, parse_statement

_PARAMETER: Final = re.compile(
    r"^// (?P<kind>needed|default): (?P<meaning>.+)\n// :param (?P<name>\w+) => (?P<value>.+)$", re.MULTILINE
)
_QUOTED: Final = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A parameter of a query: `value` is its default, or an example where it is needed."""

    name: str
    meaning: str
    value: Any
    needed: bool


@dataclass(frozen=True, slots=True)
class AnalystQuery:
    """A query by name; `text` is the whole file, which runs as it is."""

    name: str
    purpose: str
    returns: str
    text: str
    parameters: tuple[QueryParameter, ...]


@lru_cache(maxsize=1)
def analyst_queries() -> Mapping[str, AnalystQuery]:
    """All of them by name. Raises IntegrityError where a file's head and its statement differ."""
    return {file.stem: _query(file.stem, file.read_text("utf-8")) for file in sorted(_files())}


def query_parameters(text: str) -> tuple[QueryParameter, ...]:
    """What the head of a query says about its parameters. Raises UsageError for a value that isn't a literal."""
    return tuple(
        QueryParameter(found["name"], found["meaning"], _literal(found["value"]), found["kind"] == "needed")
        for found in _PARAMETER.finditer(text)
    )


def _files() -> Any:
    return (cypher_folder() / "analyst").glob("*.cypher")


def _query(name: str, text: str) -> AnalystQuery:
    statement = parse_statement(f"analyst/{name}", text)
    parameters = query_parameters(text)
    told = [one.name for one in parameters]
    if sorted(told) != sorted(statement.params):
        raise IntegrityError(
            f"cypher/analyst/{name}.cypher tells of {sorted(told)} and uses {sorted(statement.params)}."
        )
    return AnalystQuery(name, statement.purpose, statement.returns, text, parameters)


def _literal(text: str) -> Any:
    try:
        return json.loads(_QUOTED.sub(lambda found: json.dumps(found[1]), text))
    except ValueError:
        raise UsageError(
            f"The head of the query gives a parameter the value {text}.",
            hint="Write null, true, a number, 'text' or a list.",
        ) from None
