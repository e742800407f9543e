"""Whether what was done achieved what was meant; skipped where nothing was done."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.errors import GateClosed
from graphtwin.model.report import VerificationResult


@dataclass(frozen=True, slots=True)
class VerifyOut:
    """`result`, the criteria that hold, and why there is nothing to hold where it was skipped."""

    result: VerificationResult
    criteria_met: tuple[str, ...]
    reason: str
    anchors: tuple[str, ...]


def verify(*, executed: bool) -> VerifyOut:
    """SKIPPED where nothing was executed, with no criteria met: not a single one was tried.

    Raises GateClosed for an executed plan: this version acts on nothing, so such a claim can't be true.
    """
    if executed:
        raise GateClosed("A plan was said to be executed, but this version can't act", hint="look at the audit log")
    return VerifyOut(VerificationResult.SKIPPED, (), "nothing was executed, so there is nothing to verify", ())
