"""The sections of the report for people, each from the report and its context, each HTML that is already escaped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from graphtwin.methods.report.report_context import ReportContext
from graphtwin.methods.report.report_decisions import decisions, unanswered
from graphtwin.methods.report.report_graph import draw_graph
from graphtwin.methods.report.report_html import command, esc, items, mark, number, short
from graphtwin.methods.report.report_sparkline import sparkline
from graphtwin.model.durations import compact_duration
from graphtwin.model.finding import Deviation, Finding
from graphtwin.model.instants import format_instant, write_instant
from graphtwin.model.plan import Gate
from graphtwin.model.report import SyncReport, VerificationResult
from graphtwin.model.risk import Forecast

_SIGNS: Final = {"critical": "bad", "high": "bad", "medium": "watch", "low": "watch"}
_MOST_FINDINGS: Final = 25
_MOST_LINES: Final = 200
_GREAT, _SOME = 0.6, 0.25


def top(report: SyncReport, context: ReportContext) -> str:
    """Which world, which version, when."""
    world = context.title or report.world_id
    version = report.twin_snapshot.version
    return (
        f'<header class="top"><span><strong>{esc(world)}</strong></span>'
        f"<span>version {esc(version)} · {esc(_when(report))}</span></header>"
    )


def verdict(report: SyncReport, context: ReportContext) -> str:
    """The answer in plain words, first of all."""
    sign, words = {
        "synced": ("good", "The model and reality agree."),
        "drift_detected": ("bad", "Reality has drifted from the model."),
        "action_taken": ("good", "Drift was found and put right."),
        "rolled_back": ("stop", "An action failed its check and was taken back."),
        "failed": ("stop", "This sync did not finish."),
    }[report.status.value]
    if _stuck(report):
        words = "An action failed its check and couldn't be taken back."
    if report.status == "action_taken" and unanswered(context):
        sign, words = "watch", "Drift was found, and some of it put right."
    if report.status == "drift_detected" and report.drift_report.severity in ("low", "medium"):
        sign = "watch"
    lead = f'<p class="lead">{_lead(report, context)}</p>'
    asked = len(context.plan.actions) if context.plan and not report.actions.changes else 0
    waits = f"{asked} proposal{'s wait' if asked > 1 else ' waits'} for you" if asked else "what you decide"
    link = (
        f'<p class="next"><a href="#decide">{waits[:1].upper()}{waits[1:]} ↓</a></p>'
        if report.status != "synced"
        else ""
    )
    return f'<div class="verdict">{mark(sign)}<h1>{esc(words)}</h1>{lead}{link}</div>'


def _stuck(report: SyncReport) -> bool:
    """Whether what was done could be neither verified nor taken back: a run that ended, unlike one that was stopped."""
    verified = report.verification.result
    return report.status == "failed" and verified == VerificationResult.FAIL and not report.rollback.executed


def _lead(report: SyncReport, context: ReportContext) -> str:
    exceeding = [finding for finding in context.findings if finding.exceeds]
    if _stuck(report):
        missed = context.words("; ".join(context.unmet).rstrip("."))
        return f"{esc(missed) or 'Verification failed'}. The world is frozen until somebody has looked."
    if report.status == "failed":
        return f"Why: {esc(context.stopped or 'a step failed; the log tells more')}."
    if not exceeding:
        few = len(context.findings)
        small = f" {few} small deviation{'s' if few != 1 else ''} stayed under the threshold." if few else ""
        return f"Nothing is over the threshold of {context.threshold:g}.{small}"
    grade = f"<strong>{esc(exceeding[0].severity)}</strong>"
    many = f"{len(exceeding)} findings are over the threshold. The gravest, {grade}"
    told = many if len(exceeding) > 1 else f"One finding is over the threshold, {grade}"
    return f"{told}: {esc(context.words(exceeding[0].message.rstrip('.')))}."


def facts(report: SyncReport, context: ReportContext) -> str:
    """Four numbers that place the verdict."""
    risk = report.risk_assessment
    gone = sum(not check.passed for check in context.checks)
    checked = f"{len(context.checks) - gone} of {len(context.checks)} checks pass" if context.checks else ""
    over = sum(finding.exceeds for finding in context.findings)
    found = (
        f"{over} over the threshold, the gravest {report.drift_report.severity.value}"
        if over
        else "none over the threshold"
    )
    findings = (str(report.drift_report.anomalies_detected), found) if context.judged else ("–", "not looked for")
    cells = (
        ("Findings", *findings),
        (
            "Risk, now → ahead",
            f"{risk.current_risk:.2f} → {risk.forecasted_risk:.2f}",
            _risk_word(risk.forecasted_risk),
        ),
        ("Confidence", f"{report.confidence:.2f}", checked),
        ("Next sync", f"in {report.next_sync.recommended_interval}", "or at once, when something below happens"),
    )
    inner = "".join(f"<div><dt>{esc(a)}</dt><dd>{esc(b)}<small>{esc(c)}</small></dd></div>" for a, b, c in cells)
    return f'<dl class="facts">{inner}</dl>'


def what_to_decide(report: SyncReport, context: ReportContext) -> str:
    """What a person has to do, with the exact command."""
    parts = [
        f"<strong>{esc(one.title)}</strong>"
        + (f'<span class="soft">{esc(one.why)}</span>' if one.why else "")
        + (command(one.command) if one.command else "")
        for one in decisions(report, context)
    ]
    return _section("What you decide", f'<div class="card decide">{items(parts, kind="ol")}</div>', "decide")


def what_drifted(report: SyncReport, context: ReportContext) -> str:  # noqa: ARG001 - sections are alike
    """The picture, then each finding with its past; nothing where nobody looked, since all would seem as expected."""
    if not context.judged:
        return ""
    picture = draw_graph(context)
    if not context.findings and not picture:
        return ""
    shown = "".join(_finding(finding, context) for finding in context.findings[:_MOST_FINDINGS])
    more = len(context.findings) - _MOST_FINDINGS
    rest = (
        f'<p class="soft">… and {more} more: <code>{esc(context.command("drift", context.world))}</code></p>'
        if more > 0
        else ""
    )
    title = "What drifted" if any(f.exceeds for f in context.findings) else "What is watched"
    return _section(title, picture + (f'<ol class="findings">{shown}</ol>' if shown else "") + rest, "drift")


def _finding(finding: Finding, context: ReportContext) -> str:
    sign = _SIGNS[finding.severity] if finding.exceeds else "none"
    grade = finding.severity if finding.exceeds else "under the threshold"
    about = [finding.kind, finding.entity]
    if finding.kind == "value":
        about.append(f"off by {finding.magnitude:.2f} of its span, threshold {context.threshold:g}")
    if finding.since is not None:
        about.append(f"since {format_instant(finding.since)[:19].replace('T', ' ')} UTC")
    if finding.disputed:
        about.append("disputed between sources")
    picture = _past(finding, context)
    return (
        f'<li id="{esc(finding.id)}"><div><span class="badge {sign}">{mark(sign)}{esc(grade)}</span>'
        f'<p class="what">{esc(context.words(finding.message))}</p>'
        f'<p class="soft small wrap">{esc(" · ".join(part for part in about if part))} · '
        f'<a href="#evidence-{esc(finding.id)}">evidence</a></p></div>{picture}</li>'
    )


def _past(finding: Finding, context: ReportContext) -> str:
    samples = context.samples.get((finding.entity, finding.variable), ())
    deviation = _deviation(finding, context)
    forecast = next(
        (one for one in context.forecasts if (one.entity, one.variable) == (finding.entity, finding.variable)), None
    )
    return sparkline(
        samples,
        name=finding.variable,
        unit=_unit(finding, context),
        band=_band(deviation, context.threshold),
        limits=(forecast.lower, forecast.upper) if forecast else (None, None),
        until=context.state.at.valid if context.state else None,
    )


def _deviation(finding: Finding, context: ReportContext) -> Deviation | None:
    return next(
        (
            one
            for one in context.deviations
            if (one.entity, one.variable, one.reference_kind)
            == (finding.entity, finding.variable, finding.reference_kind)
        ),
        None,
    )


def _band(deviation: Deviation | None, threshold: float) -> tuple[float, float] | None:
    """Where the value would have been no finding."""
    if deviation is None or deviation.span is None or isinstance(deviation.reference, bool):
        return None
    if not isinstance(deviation.reference, int | float):
        return None
    reach = threshold * deviation.span
    return (deviation.reference - reach, deviation.reference + reach)


def _unit(finding: Finding, context: ReportContext) -> str:
    entity = context.state.entities.get(finding.entity) if context.state else None
    held = entity.reported.get(finding.variable) if entity else None
    return held.unit if held else ""


def risk(report: SyncReport, context: ReportContext) -> str:
    """Risk now and ahead, what makes it, and the limits that may be left."""
    told = report.risk_assessment
    factors = items((esc(context.words(factor)) for factor in told.risk_factors[:8]), css="plain")
    rows = [_forecast(one, context) for one in context.forecasts if one.probability is not None][:8]
    unknown = sum(one.probability is None for one in context.forecasts)
    table = _table(("What", "Limit", "Chance of leaving it", "By"), rows) if rows else ""
    note = f'<p class="soft small">{unknown} more can\'t be foretold yet: too little history.</p>' if unknown else ""
    why = f"<div><h3>What makes it</h3>{factors or '<p class=soft>Nothing.</p>'}</div>"
    ahead = f'<div style="margin-top:1.75rem"><h3>What may come</h3>{table}{note}</div>' if table or note else ""
    body = f'<div class="split"><div>{_meter(told.current_risk, told.forecasted_risk, context.approval_above)}</div>{why}</div>'
    return _section("Risk", body + ahead, "risk")


def _meter(now: float, ahead: float, gate: float | None) -> str:
    """Risk on a rail from 0 to 1: solid what stands, dashed what may come, the line over which a person must approve."""
    width = 320

    def at(value: float) -> float:
        return width * min(max(value, 0.0), 1.0)

    parts = [f'<rect class="rail" x="0" y="22" width="{width}" height="12" rx="6"/>']
    if ahead > now:
        parts.append(
            f'<rect class="ahead" x="{at(now):.1f}" y="22.7" width="{at(ahead) - at(now):.1f}" height="10.6"/>'
        )
    parts.append(f'<rect class="sofar" x="0" y="22" width="{max(at(now), 3):.1f}" height="12" rx="6"/>')
    if gate is not None:
        anchor = "end" if gate > 0.5 else "start"  # noqa: PLR2004 - the middle
        parts.append(f'<line class="gate" x1="{at(gate):.1f}" x2="{at(gate):.1f}" y1="16" y2="40"/>')
        parts.append(
            f'<text class="gate-label" x="{at(gate):.1f}" y="11" text-anchor="{anchor}">approval above {gate:g}</text>'
        )
    parts.append('<text x="0" y="54">0</text>')
    parts.append(f'<text x="{width}" y="54" text-anchor="end">1</text>')
    words = f"Risk {now:.2f} now, {ahead:.2f} ahead"
    return (
        f"<p><strong>{now:.2f}</strong> now, <strong>{ahead:.2f}</strong> ahead: {esc(_risk_word(ahead))}.</p>"
        f'<svg class="meter" viewBox="0 0 {width} 58" role="img" aria-label="{words}">{"".join(parts)}</svg>'
    )


def _forecast(forecast: Forecast, context: ReportContext) -> tuple[str, ...]:
    bounds = [f"over {number(forecast.upper)}"] if forecast.upper is not None else []
    bounds += [f"under {number(forecast.lower)}"] if forecast.lower is not None else []
    chance = f"{100 * (forecast.probability or 0):.0f} %"
    return (
        f"{esc(context.name(forecast.entity))} {esc(forecast.variable)}",
        esc(" or ".join(bounds)),
        chance,
        esc(f"within {compact_duration(forecast.horizon)}"),
    )


def what_was_done(report: SyncReport, context: ReportContext) -> str:
    """The plan, the gates on its way, and what came of it."""
    parts = [f"<p>{esc(context.words(report.actions.plan_summary))}</p>"]
    steps = context.plan.actions if context.plan else ()
    if steps:
        rows = [
            (
                esc(step.title),
                esc(context.name(step.entity)),
                f"{step.risk:.2f}",
                esc(step.reversible),
                esc(step.rollback or "–"),
            )
            for step in steps
        ]
        parts.append(_table(("Step", "On", "Risk", "Can it be undone", "How"), rows))
    gates = [_gate(gate, report) for gate in context.gates]
    if gates:
        parts.append(f"<h3 style='margin-top:1.5rem'>Gates</h3>{items(gates, css='gates')}")
    if report.actions.changes:
        parts.append(
            f"<h3 style='margin-top:1.5rem'>Acts</h3>{items((esc(one) for one in report.actions.changes), css='plain')}"
        )
    parts.append(f'<p class="soft" style="margin-top:1rem">{esc(_outcome(report))}</p>')
    if report.verification.criteria_met:
        seen = items(
            (f"{mark('good')}<span>{esc(context.words(one))}</span>" for one in report.verification.criteria_met),
            css="gates",
        )
        parts.append(f"<h3>Seen afterwards</h3>{seen}")
    if context.unmet:
        missed = items((f"{mark('bad')}<span>{esc(context.words(one))}</span>" for one in context.unmet), css="gates")
        parts.append(f"<h3>Not seen afterwards</h3>{missed}")
    title = "What was done" if report.actions.changes else "What would be done"
    return _section(title, "".join(parts), "plan")


def _gate(gate: Gate, report: SyncReport) -> str:
    """A gate, and whether it let the plan pass; that of approval is opened by a person's signature."""
    signed = bool(report.actions.changes) and gate.name == "approval"
    passed = gate.passed or signed
    told = f"{gate.message}; it was given" if signed else gate.message
    state = "passed" if passed else "closed"
    return f'{mark("good" if passed else "stop")}<span>{esc(told)}<span class="hidden">{state}</span></span>'


def _outcome(report: SyncReport) -> str:
    if not report.actions.changes:
        return "Nothing was executed; there is nothing to verify or to take back."
    back = report.rollback
    taken = f" It was taken back to {back.restore_point}." if back.executed else ""
    done = "Executed" if report.actions.executed else "Attempted"
    return f"{done}; verification: {report.verification.result.value}.{taken}"


def evidence(report: SyncReport, context: ReportContext) -> str:
    """What each finding rests on, linked both ways, and the rest of the anchors."""
    rows = [
        (
            f'<a id="evidence-{esc(one.id)}" href="#{esc(one.id)}">{esc(short(context.words(one.message), 70))}</a>',
            _anchors((*one.anchors, *(f"fact:{fact}" for fact in one.evidence))),
            f"<code>{esc(context.why(one))}</code>",
        )
        for one in context.findings[:_MOST_FINDINGS]
    ]
    table = (
        _table(("Finding", "Rests on", "Look it up"), rows) if rows else '<p class="soft">No finding asks for any.</p>'
    )
    others = report.evidence_anchors[:_MOST_LINES]
    more = len(report.evidence_anchors) - len(others)
    rest = items((f"<code>{esc(anchor)}</code>" for anchor in others), css="plain small")
    tail = f'<p class="soft small">and {more} more in the report\'s JSON</p>' if more else ""
    return _section("Evidence", table + _fold(f"All {len(report.evidence_anchors)} anchors", rest + tail), "evidence")


def _anchors(anchors: Iterable[str]) -> str:
    return "<br>".join(f"<code>{esc(anchor)}</code>" for anchor in list(dict.fromkeys(anchors))[:6])


def checks(report: SyncReport, context: ReportContext) -> str:  # noqa: ARG001
    """The nine items of the requirement."""
    lines = [
        f"{mark('good' if one.passed else 'stop')}<span><strong>{esc(one.item)}</strong>"
        f'<span class="hidden">{"passed" if one.passed else "not passed"}</span></span>'
        f'<span class="why soft">{esc(one.why)}</span>'
        for one in context.checks
    ]
    return _section("Checklist", items(lines, css="checks"), "checks") if lines else ""


def next_sync(report: SyncReport, context: ReportContext) -> str:
    """When, and what should start one at once."""
    told = items((esc(context.words(trigger)) for trigger in report.next_sync.triggers), css="plain")
    interval = esc(report.next_sync.recommended_interval)
    return _section("Next sync", f"<p>In <strong>{interval}</strong>, or at once when:</p>{told}", "next")


def background(report: SyncReport, context: ReportContext) -> str:
    """How the answer came about: provenance, steps, assumptions, what was not judged."""
    flow = items((esc(link) for link in report.audit.provenance_chain), kind="ol", css="flow")
    where = f'<p class="soft small wrap">Recorded in <code>{esc(report.audit.log_path)}</code></p>'
    parts = [flow + where]
    if context.changes:
        parts.append(_fold(f"What changed since the version before ({len(context.changes)})", _lines(context.changes)))
    if context.steps:
        parts.append(_fold("Steps and how long they took", _steps(context)))
    if report.assumptions:
        parts.append(_fold(f"What was taken for granted ({len(report.assumptions)})", _lines(report.assumptions)))
    if context.not_judged:
        told = [f"{what}: {why}" for what, why in context.not_judged]
        parts.append(_fold(f"What could not be judged ({len(told)})", _lines(told)))
    return _section("How this came about", "".join(parts), "background")


def _steps(context: ReportContext) -> str:
    longest = max((step.ended_at - step.started_at for step in context.steps), default=1) or 1
    rows = []
    for step in context.steps:
        took = step.ended_at - step.started_at
        bar = f'<svg viewBox="0 0 100 8" width="100" height="8" aria-hidden="true"><rect class="bar" width="{max(100 * took / longest, 0.5):.1f}" height="8" rx="2"/></svg>'
        outcome = step.outcome + (f": {step.reason}" if step.reason else "")
        rows.append((esc(step.step.replace("_", "-")), f"{took / 1000:,.1f} ms", bar, esc(outcome)))
    return _table(("Step", "Took", "", "Outcome"), rows)


def foot(report: SyncReport) -> str:
    """What the page is of."""
    return (
        f"<footer>{esc(report.workflow_id)} · {esc(report.world_id)} · state {esc(report.twin_snapshot.hash)}<br>"
        "Made by graphtwin. One file, no scripts, nothing is loaded from anywhere.</footer>"
    )


def _lines(lines: Iterable[str]) -> str:
    told = list(lines)
    more = [f'<span class="soft">and {len(told) - _MOST_LINES} more</span>'] if len(told) > _MOST_LINES else []
    return items([*(esc(line) for line in told[:_MOST_LINES]), *more], css="plain small")


def _section(title: str, body: str, anchor: str) -> str:
    return f'<section id="{anchor}" aria-labelledby="h-{anchor}"><h2 id="h-{anchor}">{esc(title)}</h2>{body}</section>'


def _fold(title: str, body: str) -> str:
    return f"<details><summary>{esc(title)}</summary><div>{body}</div></details>"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of cells that are HTML already; on a phone each row becomes a block with its heads."""
    head = "".join(f'<th scope="col">{esc(name)}</th>' for name in heads)
    body = "".join(
        "<tr>"
        + "".join(f'<td data-label="{esc(name)}">{cell}</td>' for name, cell in zip(heads, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return f'<table class="stack"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _risk_word(value: float) -> str:
    return "high" if value >= _GREAT else "some" if value >= _SOME else "low"


def _when(report: SyncReport) -> str:
    return write_instant(report.sync_timestamp)[:19].replace("T", " ") + " UTC"
