"""What a person has to decide after a sync, in words, each with the command that carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graphtwin.methods.report.report_context import ReportContext
from graphtwin.model.report import SyncReport

_MOST_LOOKS: Final = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing to do: what, why, and what to type ("" where there is nothing to type)."""

    title: str
    why: str
    command: str = ""


def decisions(report: SyncReport, context: ReportContext) -> tuple[Decision, ...]:
    """What is to be done, the most pressing first; never empty: that there is nothing to do is told too."""
    again = context.command("sync", context.file)
    told = [*_stopped(context), *_silent_sources(context), *_actions(context), *_looks(context), *_open(context)]
    if report.rollback.available and report.rollback.command:
        told.append(
            Decision("Take it back, if you don't want it", "The restore point stands.", report.rollback.command)
        )
    if not told:
        when = report.next_sync.recommended_interval
        return (Decision("Nothing.", f"The next sync is due in {when}.", again),)
    return (*told, Decision("Then sync again", "and see whether it helped.", again))


def _stopped(context: ReportContext) -> list[Decision]:
    if not context.stopped or (context.problems and context.stopped.startswith("no signals")):
        return []
    return [Decision("Remove what stopped this sync", context.stopped, context.command("doctor"))]


def _silent_sources(context: ReportContext) -> list[Decision]:
    return [
        Decision(f"Mend the source {name}", problem, context.command("source", "test", context.file, name))
        for name, problem in sorted(context.problems.items())
    ]


def _actions(context: ReportContext) -> list[Decision]:
    """Proposed remedies: graphtwin shows the command, a person decides and runs it."""
    found = []
    for step in context.plan.actions if context.plan else ():
        on = f" on {context.name(step.entity)}" if step.entity and context.name(step.entity) not in step.title else ""
        why = "Proposed; graphtwin doesn't carry it out by itself."
        if context.violations:
            why = f"Proposed to you; policy doesn't let graphtwin do it: {'; '.join(context.violations)}."
        elif context.observe_only:
            why = "Proposed; without constraints in twin.yaml graphtwin only observes."
        found.append(Decision(f"Carry out, or leave: {step.title}{on}", why, step.command))
    return found


def _looks(context: ReportContext) -> list[Decision]:
    """Findings that no proposed action answers."""
    answered = {finding for step in (context.plan.actions if context.plan else ()) for finding in step.answers}
    left = [finding for finding in context.findings if finding.exceeds and finding.id not in answered]
    if not left:
        return []
    told = "; ".join(context.words(finding.message.rstrip(".")) for finding in left[:_MOST_LOOKS])
    more = f"; and {len(left) - _MOST_LOOKS} more" if len(left) > _MOST_LOOKS else ""
    asked = dict.fromkeys(context.why(finding) for finding in left[:_MOST_LOOKS])
    return [Decision("Look into what no remedy is declared for", f"{told}{more}.", "\n".join(asked))]


def _open(context: ReportContext) -> list[Decision]:
    found = []
    if context.quarantined:
        counts = ", ".join(f"{name} {count}" for name, count in sorted(context.quarantined.items()))
        words = context.command("source", "quarantine", context.world)
        found.append(Decision("Look at the messages that were refused", f"Quarantined: {counts}.", words))
    if context.unresolved:
        record, reason = context.unresolved[0]
        more = f", and {len(context.unresolved) - 1} more" if len(context.unresolved) > 1 else ""
        why = f"{record}: {reason}{more}. Name them under identity.aliases in {context.file}."
        words = context.command("apply", context.file, "--dry-run")
        found.append(Decision("Say which records are one thing", why, words))
    return found
