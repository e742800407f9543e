"""`graphtwin drift` and `graphtwin risk`: what the last sync found, and what may come of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask
from graphtwin.cli.failure import leave
from graphtwin.cli.later import later
from graphtwin.cli.naming import World, world_named
from graphtwin.cli.output import Form, Output, counted, next_step, printed, say, severity, share, table
from graphtwin.cli.read import DIFFERENT
from graphtwin.cli.sync import print_findings, variable_in

if TYPE_CHECKING:
    from graphtwin.app import judged
    from graphtwin.model.commit import RunRecord
    from graphtwin.ports import Store
else:
    judged = later("graphtwin.app.judged")

_SHOWN: Final = 40


def drift(
    context: typer.Context,
    world: World = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 10 when a finding is over the threshold.")
    ] = False,
    output: Output = Form.TABLE,
) -> None:
    """Show where model and reality part, as the last sync found it."""
    run, newest = asyncio.run(ask(context, _last_judged(world)))
    told, details = _told(run, "drift_report"), _details(run)
    findings = details.get("findings") or []
    later = None if newest is run else {"workflow_id": newest.id, "stopped": _details(newest).get("stopped", "")}
    answer = {
        **_which(run), **told, "findings": findings, "not_judged": details.get("not_judged") or [], "stopped_since": later,
    }  # fmt: skip
    if not printed(answer, output):
        if later:
            say(Text(f"A later sync stopped before it looked for drift: {later['stopped']}", "yellow"))
        _print_drift(run, told, findings, len(answer["not_judged"]))
    leave(DIFFERENT if exit_code and any(one["exceeds"] for one in findings) else 0)


def risk(context: typer.Context, world: World = None, output: Output = Form.TABLE) -> None:
    """Show how likely harm is now and within the horizon, why, and where."""
    run = asyncio.run(ask(context, _last_run(world)))
    told, details = _told(run, "risk_assessment"), _details(run)
    by_entity = details.get("risk_by_entity") or {"current": {}, "forecasted": {}}
    answer = {**_which(run), **told, "by_entity": by_entity, "forecasts": details.get("forecasts") or []}
    if not printed(answer, output):
        _print_risk(run, told, by_entity, answer["forecasts"])


def _last_run(world: str | None) -> Any:
    """The question for the newest run that ended with a report."""

    async def question(_: Doors, store: Store) -> RunRecord:
        runs: list[RunRecord] = await judged.reported(store, await world_named(store, world))
        return runs[0]

    return question


def _last_judged(world: str | None) -> Any:
    """The question for the newest run that looked for drift, beside the newest that ended with a report."""

    async def question(_: Doors, store: Store) -> tuple[RunRecord, RunRecord]:
        return await judged.last_judged(store, await world_named(store, world))

    return question


def _told(run: RunRecord, part: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (run.report or {})[part]
    return found


def _details(run: RunRecord) -> Mapping[str, Any]:
    found: Mapping[str, Any] = run.details.get("report") or {}
    return found


def _which(run: RunRecord) -> dict[str, Any]:
    report = run.report or {}
    return {
        "world": run.world,
        "workflow_id": run.id,
        "sync_timestamp": report.get("sync_timestamp"),
        "status": run.status,
    }


def _print_drift(run: RunRecord, told: Mapping[str, Any], findings: list[Mapping[str, Any]], not_judged: int) -> None:
    which = _which(run)
    say(Text(run.world, "bold"), f"  as the sync of {which['sync_timestamp']} found it")
    if not findings:
        say("Nothing drifts.")
    else:
        say(f"{counted(told['anomalies_detected'], 'finding')}, the gravest is ", severity(told["severity"]))
        print_findings(findings, shown=_SHOWN)
    if not_judged:
        say(Text(f"{counted(not_judged, 'variable')} couldn't be judged; see them with -o json", "dim"))
    why = f"graphtwin why {run.world} {variable_in(findings)}; "
    next_step(f"{why if findings else ''}graphtwin risk {run.world}")


def _print_risk(
    run: RunRecord, told: Mapping[str, Any], by_entity: Mapping[str, Any], forecasts: list[Mapping[str, Any]]
) -> None:
    say(Text(run.world, "bold"), "  now ", share(told["current_risk"]), "   forecast ", share(told["forecasted_risk"]))
    for factor in told["risk_factors"][:_SHOWN]:
        say(Text("  · ", "dim"), factor)
    both = {id_: (by_entity["current"].get(id_, 0.0), value) for id_, value in by_entity["forecasted"].items()}
    if both:
        ranked = sorted(both.items(), key=lambda item: (-item[1][1], item[0]))[:_SHOWN]
        table(("entity", "now", "forecast"), ((id_, share(now), share(later)) for id_, (now, later) in ranked))
    if forecasts:
        rows = (
            (one["entity"], one["variable"], _limit(one), _chance(one), one["horizon"], one["method"] or one["reason"])
            for one in forecasts[:_SHOWN]
        )
        table(("entity", "variable", "limit", "leaves it", "within", "by"), rows, title="Forecasts")
    next_step(f"graphtwin drift {run.world}")


def _limit(forecast: Mapping[str, Any]) -> str:
    low, high = forecast["lower"], forecast["upper"]
    return f"≤ {high:g}" if low is None else f"≥ {low:g}" if high is None else f"{low:g} to {high:g}"


def _chance(forecast: Mapping[str, Any]) -> str:
    return "unknown" if forecast["probability"] is None else f"{forecast['probability']:.0%}"
