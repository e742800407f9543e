"""The nine items that a sync is checked by, each judged from what the run did, with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.model.answers import (
    Acted,
    Audited,
    Checkpointed,
    Constrained,
    Detected,
    Estimated,
    Forecasted,
    Identified,
    Received,
    Transformed,
)


@dataclass(frozen=True, slots=True)
class Check:
    """One item: its name, what it asks, whether it holds, and why."""

    item: str
    asks: str
    passed: bool
    why: str


def checklist(
    *,
    received: Received | None,
    transformed: Transformed | None,
    identified: Identified | None,
    detected: Detected | None,
    estimated: Estimated | None,
    forecasted: Forecasted | None,
    constrained: Constrained | None,
    checkpointed: Checkpointed | None,
    acted: Acted | None,
    audited: Audited | None,
    interval: str,
) -> tuple[Check, ...]:
    """All nine, in their order; a step that didn't run fails its item."""
    return (
        Check("Source Ingestion", "All configured sources were polled", *_sources(received)),
        Check("Transform Success", "Events conform to the canonical schema", *_events(transformed)),
        Check("Identity Resolved", "No entity reference is unresolved", *_identity(identified)),
        Check("Drift Detection", "The anomaly check was completed, with evidence", *_drift(detected)),
        Check("Risk Assessment", "Current and forecast risk were computed", *_risk(estimated, forecasted)),
        Check("Policy Compliance", "Constraints were checked before any action", *_policy(constrained, acted)),
        Check("Checkpoint Valid", "A restore point exists if anything was done", *_checkpoint(checkpointed, acted)),
        Check("Audit Complete", "The provenance chain is documented", *_audit(audited)),
        Check(
            "Next Sync Scheduled",
            "An interval is recommended",
            bool(interval),
            f"in {interval}" if interval else "none",
        ),
    )


_NOT_RUN = (False, "the step did not run")


def _sources(received: Received | None) -> tuple[bool, str]:
    if received is None:
        return _NOT_RUN
    silent = sorted(name for name, spoke in received.answered.items() if not spoke)
    answered = len(received.answered) - len(silent)
    text = f"{answered} of {len(received.answered)} sources answered, with {_count(received.messages, 'message')}"
    if not received.answered:
        return False, "no source is configured"
    if not silent:
        return True, text
    told = "; ".join(f"{name}: {received.problems.get(name, 'no answer')}" for name in silent)
    return False, f"{text}; {told}"


def _events(transformed: Transformed | None) -> tuple[bool, str]:
    if transformed is None:
        return _NOT_RUN
    refused = sum(transformed.refused.values())
    text = f"{_count(len(transformed.events), 'event')} from {_count(sum(transformed.messages.values()), 'message')}"
    if not refused:
        return True, text
    told = ", ".join(f"{name} {count}" for name, count in sorted(transformed.refused.items()) if count)
    return False, f"{text}; {refused} quarantined ({told})"


def _identity(identified: Identified | None) -> tuple[bool, str]:
    if identified is None:
        return _NOT_RUN
    if not identified.unresolved:
        return True, f"{_count(identified.touched, 'record')} looked at, none left open"
    told = ", ".join(sorted({one.record for one in identified.unresolved})[:3])
    return False, f"{len(identified.unresolved)} of {_count(identified.touched, 'record')} open: {told}"


def _drift(detected: Detected | None) -> tuple[bool, str]:
    if detected is None:
        return _NOT_RUN
    bare = [finding.id for finding in detected.findings if not finding.anchors]
    text = f"{_count(detected.judged, 'variable')} judged, {_count(len(detected.findings), 'finding')}"
    return (False, f"{text}; without evidence: {', '.join(bare)}") if bare else (True, text)


def _risk(estimated: Estimated | None, forecasted: Forecasted | None) -> tuple[bool, str]:
    if estimated is None or forecasted is None:
        return _NOT_RUN
    stop = estimated.stop or forecasted.stop
    return (False, stop) if stop else (True, f"{estimated.current:.2f} now, {forecasted.forecasted:.2f} ahead")


def _policy(constrained: Constrained | None, acted: Acted | None) -> tuple[bool, str]:
    executed = acted is not None and acted.executed
    if constrained is None:
        return _NOT_RUN
    if executed and not constrained.compliant:
        return False, "an action was executed that policy refuses"
    if constrained.observe_only:
        return True, "no constraints are declared, so nothing may act"
    if constrained.violations:
        return True, f"checked, and refused: {'; '.join(constrained.violations)}"
    return True, f"checked, {_count(len(constrained.gates), 'gate')}"


def _checkpoint(checkpointed: Checkpointed | None, acted: Acted | None) -> tuple[bool, str]:
    executed = acted is not None and acted.executed
    if checkpointed is None:
        return not executed, "something was executed without one" if executed else "nothing was executed"
    return True, f"{checkpointed.restore_point} stands" + ("" if executed else "; nothing was executed")


def _audit(audited: Audited | None) -> tuple[bool, str]:
    if audited is None:
        return False, "the audit record could not be written"
    if not audited.provenance_chain:
        return False, "the provenance chain is empty"
    return True, f"{_count(len(audited.provenance_chain), 'link')} in the chain, recorded in {audited.log_path}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
