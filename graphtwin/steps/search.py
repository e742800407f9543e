"""search: the prior snapshot and what else the run stands on, read beside `receive`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphtwin.model.commit import Head, RunRecord
from graphtwin.model.twin import TwinConfig
from graphtwin.ports import Store


@dataclass(frozen=True, slots=True)
class SearchOut:
    """The world as it was before this run: its head, its configuration, and the last run's open questions."""

    head: Head
    config: TwinConfig
    last_run: RunRecord | None
    dangling: tuple[str, ...]
    last_heard: Mapping[str, int]
    anchors: tuple[str, ...]


async def search(store: Store, world: str) -> SearchOut:
    """The prior version and its context. Raises NotFound when the world has no baseline."""
    head = await store.head(world)
    config = await store.configuration(world)
    runs = await store.runs(world, limit=1)
    last = runs[0] if runs else None
    return SearchOut(
        head=head,
        config=config,
        last_run=last,
        dangling=tuple(_strings(last, "dangling")),
        last_heard=await store.last_heard(world),
        anchors=(f"tool:search:{world}@{head.version}",),
    )


def _strings(run: RunRecord | None, name: str) -> list[str]:
    found: Any = run.details.get(name, ()) if run else ()
    return [str(item) for item in found]
