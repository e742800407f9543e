"""What a person has to decide after a sync, in words, each with the command that carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graphtwin.methods.report.report_context import ReportContext
from graphtwin.model.finding import Finding
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
    told = [
        *_failed(report, context),
        *_stopped(context),
        *_silent_sources(context),
        *_actions(report, context),
        *_looks(context),
        *_open(context),
    ]
    if report.rollback.available and report.rollback.command:
        told.append(
            Decision("Take it back, if you don't want it", "The restore point stands.", report.rollback.command)
        )
    if not told:
        when = report.next_sync.recommended_interval
        return (Decision("Nothing.", f"The next sync is due in {when}.", again),)
    return (*told, Decision("Then sync again", "and see whether it helped.", again))


def unanswered(context: ReportContext) -> list[Finding]:
    """The findings over the threshold that no action of the plan answers."""
    answered = {finding for step in (context.plan.actions if context.plan else ()) for finding in step.answers}
    return [finding for finding in context.findings if finding.exceeds and finding.id not in answered]


def _failed(report: SyncReport, context: ReportContext) -> list[Decision]:
    """What failed comes before everything else, above all where it couldn't be taken back."""
    if report.verification.result.value != "FAIL":
        return []
    if report.rollback.executed:
        why = f"{context.words('; '.join(context.unmet)) or 'Verification failed'}. The twin is as it was before."
        show = context.command("plan", "show", context.world, context.plan.id if context.plan else "")
        return [Decision("Find out why it failed, before it is tried again", why, show)]
    why = f"The plan failed and couldn't be taken back whole; {context.world} is frozen until somebody has looked."
    return [Decision("Put it right by hand, then lift the freeze", why, context.command("unfreeze", context.world))]


def _stopped(context: ReportContext) -> list[Decision]:
    if not context.stopped or (context.problems and context.stopped.startswith("no signals")):
        return []
    return [Decision("Remove what stopped this sync", context.stopped, context.command("doctor"))]


def _silent_sources(context: ReportContext) -> list[Decision]:
    return [
        Decision(f"Mend the source {name}", problem, context.command("source", "test", context.file, name))
        for name, problem in sorted(context.problems.items())
    ]


def _actions(report: SyncReport, context: ReportContext) -> list[Decision]:
    """The plan, as far as a person has a say in it: to approve, to carry out by hand, or to wait."""
    steps = context.plan.actions if context.plan and not report.actions.changes else ()
    if context.plan and context.plan_status == "waiting":
        told = "; ".join(step.verification[0] if step.verification else step.title for step in steps)
        why = f"It waits for your signature. Afterwards it must be seen that {context.words(told)}."
        approve = context.command("plan", "approve", context.world, context.plan.id)
        reject = context.command("plan", "reject", context.world, context.plan.id)
        return [Decision(f"Approve, or reject: {_titles(context)}", why, f"{approve}\n{reject}")]
    if context.plan and context.plan_status == "approved":
        act = context.command("act", context.world, context.plan.id)
        return [Decision(f"Let it act: {_titles(context)}", f"Approved, and not yet: {context.not_acted}.", act)]
    found = []
    for step in steps:
        on = f" on {context.name(step.entity)}" if step.entity and context.name(step.entity) not in step.title else ""
        why = "Proposed; it has no actuator, so graphtwin doesn't carry it out by itself."
        if context.violations:
            why = f"Proposed to you; policy doesn't let graphtwin do it: {'; '.join(context.violations)}."
        elif context.observe_only:
            why = "Proposed; without constraints in twin.yaml graphtwin only observes."
        elif context.not_acted and step.actuator:
            why = f"Not carried out: {context.not_acted}."
        found.append(Decision(f"Carry out, or leave: {step.title}{on}", why, step.command))
    return found


def _titles(context: ReportContext) -> str:
    """The plan's steps in a few words."""
    steps = context.plan.actions if context.plan else ()
    told = "; ".join(f"{step.title} on {context.name(step.entity)}" for step in steps[:_MOST_LOOKS])
    return told if len(steps) <= _MOST_LOOKS else f"{told}; and {len(steps) - _MOST_LOOKS} more"


def _looks(context: ReportContext) -> list[Decision]:
    left = unanswered(context)
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
