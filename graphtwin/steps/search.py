"""search: the prior snapshot and what else the run stands on, read beside `receive`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphtwin.model.commit import Head, RunRecord
from graphtwin.model.configuration.twin import TwinConfig
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


async def search(store: Store, world: str, *, run: str) -> SearchOut:
    """The prior version and its context, for a run of that id. Raises NotFound when the world has no baseline."""
    head = await store.head(world)
    config = await store.configuration(world)
    last = next((one for one in await store.runs(world, limit=2) if one.id != run), None)
    return SearchOut(
        head=head,
        config=config,
        last_run=last,
        dangling=await _dangling(store, head, last),
        last_heard=await store.last_heard(world),
        anchors=(f"tool:search:{world}@{head.version}",),
    )


async def _dangling(store: Store, head: Head, last: RunRecord | None) -> tuple[str, ...]:
    """The objects that no source reports: as the last run noted them, else, where it ended without a note, as they are."""
    if not head.seq:
        return ()
    if last is not None and "dangling" in last.details:
        return tuple(str(record) for record in last.details["dangling"])
    loose = (await store.state(head.world)).loose
    return tuple(sorted({one.object_record for one in loose if one.reason == "dangling" and one.layer == "reported"}))
