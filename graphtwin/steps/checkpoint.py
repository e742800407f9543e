"""The version to come back to, named before anything may act."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.model.plan import RestorePoint
from graphtwin.ports import Store


@dataclass(frozen=True, slots=True)
class CheckpointOut:
    """`restore_point` is `v<seq>`, `hash` the state hash to come back to; `point` is what a clearance asks for."""

    point: RestorePoint
    restore_point: str
    hash: str
    anchors: tuple[str, ...]


async def checkpoint(store: Store, world: str, *, run: str) -> CheckpointOut:
    """Name the head of the world as the restore point of a run; nothing is written. Raises NotFound, Unavailable."""
    head = await store.head(world)
    point = RestorePoint(
        world=world,
        name=head.version,
        seq=head.seq,
        hash=head.hash,
        version_id=head.version_id,
        configuration=head.configuration,
        taken_at=head.valid,
        run=run,
    )
    return CheckpointOut(point, head.version, head.hash, (f"tool:checkpoint:{head.version}", head.hash))
