"""The heads of the analyst's queries: what a person reads, pastes into Neo4j Browser, and leaves out."""

from __future__ import annotations

import re

import pytest

from graphtwin.errors import UsageError
from graphtwin.store.neo4j.analyst_files import analyst_queries, query_parameters
from graphtwin.store.neo4j.cypher_files import cypher_folder


def test_there_are_twenty_and_each_takes_its_world_as_a_parameter():
    queries = analyst_queries()

    assert len(queries) == 20
    assert all(one.parameters[0].name == "world" and one.parameters[0].needed for one in queries.values())


@pytest.mark.parametrize("file", sorted((cypher_folder() / "analyst").glob("*.cypher")), ids=lambda file: file.stem)
def test_a_query_asks_for_its_world_wherever_it_begins(file):
    code = re.sub(r"//.*", "", file.read_text("utf-8"))

    seeds = re.findall(r"\((?:\w+):(Gt\w+|Entity)( \{[^}]*\})?\)", code)

    unbound = [label for label, where in seeds if "$world" not in where]
    asked = len(
        re.findall(
            r"\w+\.world = (?:\$world|world\.id)|fact\.key = |\{id: \$world\}|\{key: key\.key\}|\{key: about\}", code
        )
    )
    assert asked >= len(unbound)


def test_values_are_read_as_cypher_writes_them():
    head = (
        "// needed: who\n// :param who => 'it''s'\n// default: many\n// :param many => ['a', 2, null, true]\nRETURN 1"
    )

    who, many = query_parameters(head.replace("it''s", "ann"))

    assert (who.needed, who.meaning, who.value) == (True, "who", "ann")
    assert (many.needed, many.value) == (False, ["a", 2, None, True])
    with pytest.raises(UsageError, match="date"):
        query_parameters("// default: when\n// :param at => date()\nRETURN $at")
