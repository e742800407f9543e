"""`graphtwin sync` and `graphtwin demo`: bring a twin up to its sources, judge it, and say what to decide."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.doors import doors_of, server_of
from graphtwin.cli.failure import leave
from graphtwin.cli.later import later
from graphtwin.cli.live import live
from graphtwin.cli.output import Form, Output, counted, line, moment, next_step, printed, say, severity, share, table
from graphtwin.cli.over_there import tell_run
from graphtwin.errors import NotFound, UsageError
from graphtwin.model.instants import parse_instant
from graphtwin.model.vocabulary import SyncMode

if TYPE_CHECKING:
    from graphtwin.app.demo_story import DemoOutcome
    from graphtwin.client import deciding
    from graphtwin.client.server import Server
    from graphtwin.model.configuration import load
    from graphtwin.model.report import SyncReport
else:
    deciding, load = later("graphtwin.client.deciding"), later("graphtwin.model.configuration.load")

_SHOWN: Final = 12

_STATUS_STYLE: Final[Mapping[str, str]] = {
    "synced": "bold green",
    "drift_detected": "bold yellow",
    "action_taken": "bold cyan",
    "rolled_back": "bold magenta",
    "failed": "bold red",
}


class StateForm(StrEnum):
    """How the report prints the state."""

    AUTO = "auto"
    FULL = "full"
    EXAMPLE = "example"


def sync(
    context: typer.Context,
    *,
    twin: Annotated[Path, typer.Argument(metavar="TWIN.yaml", help="The world's configuration.")],
    mode: Annotated[
        SyncMode | None, typer.Option(help="How much is read and printed; the file's own choice, else incremental.")
    ] = None,
    prior: Annotated[
        str | None, typer.Option(metavar="FILE|vN", help="What to compare with: a printed snapshot, or a version.")
    ] = None,
    state: Annotated[
        StateForm, typer.Option(help="How to print the state: whole, flat, or a reference where it is large.")
    ] = StateForm.AUTO,
    details: Annotated[bool, typer.Option("--details", help="Add the checklist, the findings and the plan.")] = False,
    output: Output = Form.TABLE,
) -> None:
    """Read the sources, commit what they say, find drift, estimate risk, and report."""
    if (there := server_of(context)) is not None:
        _sync_there(there, twin, mode=mode.value if mode else "", prior=prior, output=output)
        return
    if not twin.is_file():
        raise NotFound(f"There is no file {twin}.", hint="Write one with: graphtwin init")
    doors = doors_of(context)
    doors.start(twin)
    with live(f"Syncing {twin.name}") as watch:
        outcome = asyncio.run(
            doors.sync(twin, mode=mode.value if mode else "", prior=prior, state=state.value, on_step=watch.step)
        )
    if not printed(outcome.full if details else outcome.report, output):
        print_report(outcome.full, outcome.report_path)
        next_step(_next(outcome.full, twin))
    leave(outcome.exit_code)


def _sync_there(there: Server, twin: Path, *, mode: str, prior: str | None, output: Form) -> None:
    """Sync on a server the world that is named, or that the file is of; it is synced with the file that lies there."""
    if prior is not None:
        raise UsageError("A prior can't be given to a server.", hint="leave --prior out, or sync where the database is")
    name = load.load_input(twin).config.world.id if twin.is_file() else str(twin)

    with live(f"Syncing {name} over there"):
        answer = asyncio.run(deciding.sync(there, name, mode=mode))
    tell_run(there, name, answer, output)


class DemoOf(StrEnum):
    """What is demonstrated."""

    BUILDING = "building"
    MACHINE = "machine"


def demo(
    context: typer.Context,
    of: Annotated[
        DemoOf,
        typer.Argument(
            metavar="[WHAT]",
            help="building or machine: a floor of a building that pushes back, or this machine, really disturbed.",
        ),
    ] = DemoOf.BUILDING,
    folder: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the demo keeps its files; a new folder if not given.")
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Leave the building running at its usual ports until Ctrl-C.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Drift, approval, act, verification and rollback on a simulated building; or a twin of this machine, really disturbed.
    Cleans up after itself.
    """
    doors = doors_of(context)
    doors.start()

    async def stay(outcome: DemoOutcome) -> None:
        if not printed([one.report for one in outcome.outcomes], output):
            _print_demo(outcome)
        watch.say("The building stays at http://127.0.0.1:18080 and mqtt://127.0.0.1:18831; Ctrl-C ends it")
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    with live("Demo") as watch:
        outcome = asyncio.run(
            doors.demo(of.value, folder=folder, on_step=watch.step, say=watch.say, serve=stay if serve else None)
        )
    if serve or printed([one.report for one in outcome.outcomes], output):
        return
    _print_demo(outcome)


def _print_demo(outcome: DemoOutcome) -> None:
    table(
        ("version", "status", "findings", "risk now", "forecast", "verified", "confidence"),
        (
            (
                one.report.twin_snapshot.version,
                status_text(one.report),
                one.report.drift_report.anomalies_detected,
                f"{one.report.risk_assessment.current_risk:.2f}",
                f"{one.report.risk_assessment.forecasted_risk:.2f}",
                one.report.verification.result.value.replace("SKIPPED", "–"),
                f"{one.report.confidence:.2f}",
            )
            for one in outcome.outcomes
        ),
        title="What was seen, sync by sync",
        right=("findings", "risk now", "forecast", "confidence"),
    )
    print_report(outcome.outcomes[-1].full, outcome.report_path)
    say("Audit     ", Text(str(outcome.audit_path), "underline"))
    say("")
    where = f"Neo4j Browser ({outcome.browser_url})" if outcome.browser_url else "graphtwin db shell"
    say(Text(f"Worth pasting into {where}; the password: graphtwin db browser", "dim"))
    for query in outcome.queries:
        say(f"  {query}")
    about = asked_about(outcome.outcomes[-1].full)
    next_step(
        f"graphtwin why {outcome.world} {about}; graphtwin drift {outcome.world}; graphtwin verify {outcome.world}"
    )


def print_report(report: SyncReport, path: Path) -> None:
    """A sync's report for people: verdict, what came, what drifted, what may follow, what to decide, where the page is."""
    details: Mapping[str, Any] = report.details or {}
    snapshot = report.twin_snapshot
    say(status_text(report), f"  {report.world_id} {snapshot.version}  ", Text(snapshot.hash[:19] + "…", "dim"),
        f"  confidence {report.confidence:.2f}")  # fmt: skip
    if stopped := details.get("stopped"):
        say(Text("  stopped: ", "red"), str(stopped))
    built = details.get("baseline") or {}
    _print_baseline(built)
    _print_sources(details.get("sources") or {}, details.get("changes") or (), since=built.get("version", ""))
    if unread := details.get("undeclared"):
        say(Text("          not declared, not read: ", "yellow"), "; ".join(unread[:_SHOWN]))
    _print_findings(report, details)
    risk = report.risk_assessment
    say("Risk      now ", share(risk.current_risk), "   forecast ", share(risk.forecasted_risk))
    for factor in risk.risk_factors[:4]:
        say(Text("          · ", "dim"), factor)
    say(f"Plan      {report.actions.plan_summary}")
    _print_decisions(report, details)
    say("Report    ", Text(str(path), "underline"))


def _print_baseline(built: Mapping[str, Any]) -> None:
    """What a first sync began with: its own messages are those that came since."""
    if not built:
        return
    records = counted(sum(built["records"].values()), "record")
    of = ", ".join(f"{kind} {count}" for kind, count in built["records"].items())
    refused = sum(built["quarantined"].values())
    say(
        f"Baseline  {built['version']} from a first reading of every source: {records}{f' ({of})' if of else ''};"
        f" {refused} quarantined"
    )
    if built["ungrounded"]:
        say(Text("          declared, but no source speaks of it: ", "yellow"), ", ".join(built["ungrounded"][:_SHOWN]))
    if built.get("proposed"):
        why = f"{built['proposed']} assumptions of the report say why"
        say(Text("          its types were proposed, since the file declares none: ", "yellow"), why)


def _print_sources(sources: Mapping[str, Any], changes: Sequence[str], *, since: str) -> None:
    silent = sorted(name for name, one in sources.items() if not one["answered"])
    messages = sum(one["messages"] for one in sources.values())
    refused = sum(one["quarantined"] for one in sources.values())
    came = f"{counted(messages, 'message')} from {len(sources) - len(silent)} of {counted(len(sources), 'source')}"
    say(
        f"Received  {f'since {since}: ' if since else ''}{came}, {refused} quarantined; {counted(len(changes), 'change')}"
    )
    for name in silent:
        say(Text("          silent: ", "yellow"), f"{name}: {sources[name]['problem']}")


def _print_findings(report: SyncReport, details: Mapping[str, Any]) -> None:
    drift = report.drift_report
    if not drift.anomalies_detected:
        say("Drift     none" if was_judged(details) else "Drift     unknown: the sync stopped before it looked")
        return
    say(f"Drift     {counted(drift.anomalies_detected, 'finding')}, the gravest is ", severity(drift.severity.value))
    findings = details.get("findings") or [{"severity": drift.severity.value, "message": one} for one in drift.triggers]
    print_findings(findings)


def was_judged(details: Mapping[str, Any]) -> bool:
    """Whether a run got as far as looking for drift; one that stopped before has no threshold, and knows nothing."""
    return details.get("threshold", 0) is not None


def print_findings(findings: Sequence[Mapping[str, Any]], *, shown: int = _SHOWN) -> None:
    """Findings, the gravest first, as they stand in a report's details."""
    table(
        ("severity", "what", "since"),
        ((severity(one["severity"]), one["message"], _since(one.get("since"))) for one in findings[:shown]),
    )
    if len(findings) > shown:
        say(Text(f"          … and {len(findings) - shown} more", "dim"))


def _since(instant: str | None) -> str:
    """To the second, for a person to skim."""
    return moment(parse_instant(instant)) if instant else "–"


def asked_about(report: SyncReport) -> str:
    """What to ask about after a sync: see `variable_in`."""
    details: Mapping[str, Any] = report.details or {}
    return variable_in(details.get("findings") or ())


def variable_in(findings: Sequence[Mapping[str, Any]]) -> str:
    """ENTITY.VARIABLE of the gravest finding that is about one, for a command worth typing next."""
    about = (f"{one['entity']}.{one['variable']}" for one in findings if one["entity"] and one["variable"])
    return next(about, "ENTITY.VARIABLE")


def _print_decisions(report: SyncReport, details: Mapping[str, Any]) -> None:
    """What was done, and what a person is asked to do: to approve, or to run a command."""
    for change in report.actions.changes:
        say(Text("Did       ", "bold"), change)
    if report.verification.result.value != "SKIPPED":
        passed = report.verification.result.value == "PASS"
        say(Text("Verified  ", "bold"), Text(report.verification.result.value, "bold green" if passed else "bold red"),
            f"  {'; '.join(details.get('unmet') or report.verification.criteria_met)}")  # fmt: skip
    if report.rollback.executed:
        say(Text("Restored  ", "bold"), f"{report.rollback.restore_point}, as it was before")
    elif report.verification.result.value == "FAIL":
        say(Text("Frozen    ", "bold"), "it couldn't be taken back whole, so nothing acts until somebody has looked")
        say("          ", line(f"graphtwin unfreeze {report.world_id}", "cyan"))
    plan = details.get("plan") or {}
    proposed = [step for step in plan.get("steps", ()) if step["kind"] == "action"]
    if report.actions.changes:
        proposed = []
    for step in proposed:
        say(Text("Decide    ", "bold"), step["title"], f" ({step['entity']})" if step["entity"] else "")
        if step["command"]:
            say("          ", line(step["command"], "cyan"))
    if proposed and details.get("plan_status") == "waiting":
        say("          ", line(f"graphtwin plan approve {report.world_id} {plan['id']}", "cyan"))
    elif proposed and details.get("not_acted_because"):
        say(Text(f"          not carried out: {details['not_acted_because']}", "dim"))


def status_text(report: SyncReport) -> Text:
    """How it ended, in its colour."""
    return Text(report.status.value.replace("_", " "), _STATUS_STYLE[report.status.value])


def _next(report: SyncReport, twin: Path) -> str:
    if report.status.value == "failed":
        return f"see what stopped it above, then: graphtwin sync {twin}"
    details: Mapping[str, Any] = report.details or {}
    if details.get("plan_status") == "waiting":
        return f"graphtwin plan show {report.world_id} {details['plan']['id']}"
    if report.drift_report.anomalies_detected:
        return f"open the report; graphtwin why {report.world_id} {asked_about(report)}"
    return (
        f"graphtwin sync {twin} again in {report.next_sync.recommended_interval}; graphtwin snapshot {report.world_id}"
    )
