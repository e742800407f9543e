"""The version that a sync is compared with, named by number or by a snapshot whose hash must verify (S24)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from graphtwin.errors import GraphtwinError, PriorRefused
from graphtwin.methods.views.view_hash import hash_of_snapshot
from graphtwin.ports import Store


async def base_version(store: Store, world: str, prior: str | dict[str, Any] | None) -> int | None:
    """The version that a prior names. Raises PriorRefused when a snapshot's hash doesn't verify, or isn't of this world."""
    if prior is None:
        return None
    if isinstance(prior, str) and prior.removeprefix("v").isdecimal():
        return await _known_version(store, world, int(prior.removeprefix("v")))
    document = prior if isinstance(prior, dict) else _read_snapshot(Path(prior))
    snapshot = document.get("twin_snapshot", document)
    state = snapshot.get("state", snapshot)
    try:
        found = hash_of_snapshot(state)
    except (GraphtwinError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PriorRefused(
            "The prior snapshot isn't a full state.", hint="give one printed with --state full"
        ) from error
    said = snapshot.get("hash", found)
    if said != found:
        raise PriorRefused(
            f"The prior snapshot says hash {said}, but its state has {found}.", hint="it was changed; take another one"
        )
    head = await store.head(world)
    same = [commit for commit in await store.commits(world, after=0, limit=head.seq) if commit.hash == found]
    named = str(snapshot.get("version", ""))
    for commit in reversed(same):
        if named in ("", f"v{commit.seq}"):
            return commit.seq
    if same:
        return same[-1].seq
    raise PriorRefused(f"No version of {world} has the prior snapshot's hash.", hint="is it of another world?")


async def _known_version(store: Store, world: str, seq: int) -> int:
    commits = await store.commits(world, after=seq - 1, limit=1)
    if seq and not any(commit.seq == seq for commit in commits):
        raise PriorRefused(f"The world {world} has no version v{seq}.", hint=f"graphtwin world show {world} lists them")
    return seq


def _read_snapshot(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
        document = json.loads(text) if text.lstrip()[:1] in ("{", "[") else yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise PriorRefused(
            f"The prior snapshot {path} can't be read: {error}", hint="give a JSON or YAML file, or a version like v3"
        ) from error
    if not isinstance(document, dict):
        raise PriorRefused(f"The prior snapshot {path} isn't a snapshot.", hint="give what sync or snapshot printed")
    return document
