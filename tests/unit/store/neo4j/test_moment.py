"""What a read begins with, also while another run commits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graphtwin.errors import NotFound
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.store.neo4j.moment import Policies, moment_at, moment_of

CONFIG = TwinConfig.model_validate({"world": {"id": "hall"}, "sources": {"a": {"type": "file", "path": "a.csv"}}})
HEAD = ["hall", 7, 0, "sha256:0", "sha256:1", CONFIG.hash(), 0, 0, 0, "", 0]
COMMIT = {"seq": 7, "valid": 0, "hash": "sha256:0", "configuration": CONFIG.hash()}


class Server:
    """Answers what it was given, one answer after the other."""

    def __init__(self, *answers: list[Any]) -> None:
        self.answers = list(answers)

    async def __call__(self, name: str, /, **_: Any) -> list[Any]:
        assert name == "world/context"
        return self.answers.pop(0)


async def test_a_head_whose_commit_does_not_show_yet_is_looked_at_again():
    server = Server([HEAD, [], [], None, None], [HEAD, [], [], COMMIT, json.dumps(CONFIG.normalised())])

    moment = await moment_at(server, Policies(), "hall", None)  # type: ignore[arg-type]

    assert (moment.at.seq, server.answers) == (7, [])


async def test_a_version_that_nobody_made_is_told_at_once():
    server = Server([HEAD, [], [], None, None])

    with pytest.raises(NotFound, match="no version v9"):
        await moment_of(server, Policies(), "hall", 9)  # type: ignore[arg-type]
