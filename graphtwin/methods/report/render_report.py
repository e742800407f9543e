"""The report of a sync as one HTML file for people: no scripts, nothing loaded, verdict first."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

from graphtwin.methods.report import report_sections as sections
from graphtwin.methods.report.report_context import ReportContext
from graphtwin.methods.report.report_html import esc
from graphtwin.model.report import SyncReport

_ORDER = (
    sections.top,
    sections.verdict,
    sections.facts,
    sections.what_drifted,
    sections.risk,
    sections.what_was_done,
    sections.what_to_decide,
    sections.checks,
    sections.next_sync,
    sections.evidence,
    sections.background,
)


def render_report(report: SyncReport, context: ReportContext) -> str:
    """The whole page. The same report and context give the same bytes; everything in them is escaped."""
    body = "\n".join(part for part in (section(report, context) for section in _ORDER) if part)
    return _template("report_template.html").substitute(
        title=esc(f"{context.title or report.world_id} {report.twin_snapshot.version}: {_TITLES[report.status.value]}"),
        style=_text("report_style.css").strip(),
        tone=esc(report.status.value.replace("_", "-")),
        body=body + "\n" + sections.foot(report),
    )


_TITLES = {
    "synced": "in step",
    "drift_detected": "drift found",
    "action_taken": "put right",
    "rolled_back": "taken back",
    "failed": "not finished",
}


@cache
def _template(name: str) -> Template:
    return Template(_text(name))


@cache
def _text(name: str) -> str:
    return files("graphtwin.methods.report").joinpath(name).read_text(encoding="utf-8")
