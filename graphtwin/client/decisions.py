"""What persons decide about values and identity by a server, which signs it where their key lies there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphtwin.app.person import Given
from graphtwin.client import documents
from graphtwin.client.reading import changes_from
from graphtwin.client.remote_store import RemoteStore
from graphtwin.client.server import Server, refused
from graphtwin.model.commit import Commit
from graphtwin.workflows.decide import Decided, Decision

_VALUE: Final = {"entity": "String!", "variable": "String!"}
_CLAIM: Final = {"at": "String", "source": "String"}
_TAKES: Final[Mapping[str, Mapping[str, str]]] = {
    "correct": {**_VALUE, "value": "String!", **_CLAIM, "ground": "Ground!"},
    "withdraw": {**_VALUE, **_CLAIM, "ground": "Ground"},
    "override": {**_VALUE, "value": "String!", "until": "String", "ground": "Ground!"},
    "merge": {"one": "String!", "other": "String!", "force": "Boolean!", "ground": "Ground"},
    "split": {"entity": "String!", "records": "[String!]!", "ground": "Ground"},
    "undoIdentity": {"decision": "String!", "ground": "Ground"},
}
"""What each mutation takes beside the world."""


async def decide_there(server: Server, world: str, root: str, arguments: Mapping[str, Any], given: Given) -> Decided:
    """The decision as the server made it, or would. Raises what it refused."""
    ground = {"evidence": given.evidence, "reason": given.reason, "dryRun": given.dry_run}
    told = await server.ask(_document(root), world=world, ground=ground, **arguments)
    answer = told[root]
    error = refused(answer)
    if error is not None:
        raise error
    made = None if given.dry_run else await _made(server, world, answer)
    changes = tuple(changes_from(one) for one in answer["changes"])
    return Decided(answer["run"], Decision((), told=answer["decision"]), changes, made)


def _document(root: str) -> str:
    takes = {"world": "String!", **_TAKES[root]}
    declared = ", ".join(f"${name}: {kind}" for name, kind in takes.items())
    passed = ", ".join(f"{name}: ${name}" for name in takes)
    return (
        f"mutation ({declared}) {{ {root}({passed})"
        f" {{ {documents.ENDED} decision changes {{ {documents.DIFFERENCE} }} }} }}"
    )


async def _made(server: Server, world: str, answer: Mapping[str, Any]) -> Commit | None:
    """The version that the decision made; None where it left the newest as it was."""
    seq = int(answer["version"].removeprefix("v"))
    found = await RemoteStore(server).commits(world, after=seq - 1, limit=1)
    return next((one for one in found if one.run == answer["run"]), None)
