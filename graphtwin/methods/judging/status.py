"""How a sync ended, and the exit code that says so (S27)."""

from __future__ import annotations

from typing import Final, Literal

from graphtwin.model.report import SyncStatus, VerificationResult

StopKind = Literal["", "gate", "confidence", "error"]
"""What stopped a run: nothing, a gate, low confidence of a perception step, or a failure."""

_EXIT_CODES: Final = {
    SyncStatus.SYNCED: 0,
    SyncStatus.DRIFT_DETECTED: 0,
    SyncStatus.ACTION_TAKEN: 0,
    SyncStatus.ROLLED_BACK: 6,
}


def sync_status(
    *,
    stopped: StopKind,
    drift_detected: bool,
    executed: bool,
    verification: VerificationResult,
    rolled_back: bool | None,
) -> SyncStatus:
    """The status of a run; `rolled_back` is None where no rollback was tried, False where it failed.

    A refused or waiting plan leaves drift_detected. An act that neither verified nor was taken back is a failure.
    """
    if stopped or rolled_back is False:
        return SyncStatus.FAILED
    if rolled_back:
        return SyncStatus.ROLLED_BACK
    if executed:
        return SyncStatus.ACTION_TAKEN if verification == VerificationResult.PASS else SyncStatus.FAILED
    return SyncStatus.DRIFT_DETECTED if drift_detected else SyncStatus.SYNCED


def exit_code(status: SyncStatus, *, stopped: StopKind = "", rollback_failed: bool = False) -> int:
    """0 for synced, drift_detected and action_taken, 6 for rolled_back; a failed run exits 7 when its rollback failed,
    5 when a gate or low confidence stopped it, else 1.
    """
    if status != SyncStatus.FAILED:
        return _EXIT_CODES[status]
    if rollback_failed:
        return 7
    return 5 if stopped in ("gate", "confidence") else 1
