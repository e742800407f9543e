"""Taking back what a run did; nothing acts in this version, so there is never anything to take back."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.errors import GateClosed


@dataclass(frozen=True, slots=True)
class RollbackOut:
    """`restore_point` and `command` are None where there is nothing to restore; `reason` says why."""

    available: bool
    executed: bool
    restore_point: str | None
    command: str | None
    reason: str
    anchors: tuple[str, ...]


def rollback(*, executed: bool) -> RollbackOut:
    """Nothing available, nothing executed: the run changed nothing outside, and observations are never taken back (S31).

    Raises GateClosed for an executed plan, as `verify` does.
    """
    if executed:
        raise GateClosed("A plan was said to be executed, but this version can't act", hint="look at the audit log")
    return RollbackOut(False, False, None, None, "nothing was executed, so there is nothing to take back", ())
