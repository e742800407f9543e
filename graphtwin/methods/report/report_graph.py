"""The picture of what drifted: the affected part of the graph as SVG, causes on the left, who feels it on the right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from graphtwin.methods.report.report_context import ReportContext
from graphtwin.methods.report.report_html import esc, short
from graphtwin.methods.report.report_layout import GAP_X, HEIGHT, WIDTH, Layout, Point, layered
from graphtwin.model.state import Edge

MOST_NODES: Final = 16
_WORTH_SHOWING: Final = 0.05
_NARROWEST: Final = 320


@dataclass(frozen=True, slots=True)
class Link:
    """One edge of the picture: the subject relies on, or belongs to, the object."""

    subject: str
    relation: str
    object: str
    missing: bool
    declared: bool
    carries: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """What the picture shows; `hidden` counts neighbours that were left out."""

    nodes: tuple[str, ...]
    links: tuple[Link, ...]
    hidden: int


def affected_part(context: ReportContext) -> Picture:
    """The entities with findings, those that risk travels to, and their nearest neighbours; the same for the same state."""
    if context.state is None:
        return Picture((), (), 0)
    links = _links(context)
    known = set(context.state.entities) | {f.entity for f in context.findings if f.entity}
    marked = list(dict.fromkeys(f.entity for f in context.findings if f.exceeds and f.entity))
    carried = sorted(
        (entity for entity, risk in context.risk.items() if risk >= _WORTH_SHOWING and entity not in marked),
        key=lambda entity: (-context.risk[entity], entity),
    )
    wanted = [*marked, *carried]
    if not wanted:
        busy = _degrees(links)
        wanted = sorted(busy, key=lambda entity: (-busy[entity], entity))[: MOST_NODES // 2]
    chosen = [entity for entity in wanted if entity in known][:MOST_NODES]
    around = _around(chosen, links)
    shown = set([*chosen, *around][:MOST_NODES])
    return Picture(
        nodes=tuple(sorted(shown)),
        links=tuple(link for link in links if link.subject in shown and link.object in shown),
        hidden=len(set(around) - shown) + len([entity for entity in wanted if entity in known]) - len(chosen),
    )


def draw_graph(context: ReportContext) -> str:
    """The picture as one SVG with a legend in words below; "" when there is nothing to draw."""
    picture = affected_part(context)
    if not picture.nodes:
        return ""
    joined = _joined(picture.links)
    layout = layered(picture.nodes, joined)
    drawn = [_edge(links, layout) for _, links in sorted(joined.items(), key=lambda one: (_css(one[1]), one[0]))]
    titles = _titles(picture.nodes, context)
    boxes = "".join(_node(entity, titles[entity], layout.places[entity], context) for entity in picture.nodes)
    width = max(layout.width, _NARROWEST)
    view = f"{(layout.width - width) / 2:g} 0 {width:g} {layout.height:g}"
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Picture of the affected part">'
        f'<svg class="graph" viewBox="{view}" width="{width:g}" height="{layout.height:g}" style="min-width:{0.7 * width:.0f}px" role="img" '
        f'aria-labelledby="graph-title graph-desc">'
        f'<title id="graph-title">The affected part of the graph</title>'
        f'<desc id="graph-desc">{esc(_in_words(picture, context))}</desc>'
        f"{_ARROWS}{''.join(path for path, _ in drawn)}{boxes}{''.join(label for _, label in drawn)}</svg></div>"
        f"{_legend(picture, context)}"
    )


def _joined(links: Iterable[Link]) -> dict[tuple[str, str], list[Link]]:
    """The links of each (subject, object): one line is drawn for them."""
    joined: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        joined.setdefault((link.subject, link.object), []).append(link)
    return joined


def _links(context: ReportContext) -> list[Link]:
    """Every edge once. One that isn't reported is missing where a finding says so, else only declared: nobody looks."""
    edges: Iterable[Edge] = context.state.edges.values() if context.state else ()
    reported = {(edge.subject, edge.relation, edge.object) for edge in edges if edge.layer == "reported"}
    every = {(edge.subject, edge.relation, edge.object) for edge in edges}
    missing = {(one.entity, one.variable, one.reference) for one in context.findings if one.name.startswith("missing:")}
    return [
        Link(
            *link,
            missing=link in missing,
            declared=link not in reported and link not in missing,
            carries=link[1] in context.dependencies,
        )
        for link in sorted(every)
        if link[0] != link[2]
    ]


def _degrees(links: Iterable[Link]) -> dict[str, int]:
    degrees: dict[str, int] = {}
    for link in links:
        for end in (link.subject, link.object):
            degrees[end] = degrees.get(end, 0) + 1
    return degrees


def _around(chosen: list[str], links: list[Link]) -> list[str]:
    """Neighbours that aren't chosen: by missing edges first, then by dependencies, then the rest."""
    inside = set(chosen)
    rank: dict[str, tuple[int, int, str]] = {}
    for link in links:
        for one, other in ((link.subject, link.object), (link.object, link.subject)):
            if one in inside and other not in inside:
                order = (0 if link.missing else 1 if link.carries else 2, chosen.index(one), other)
                rank[other] = min(rank.get(other, order), order)
    return sorted(rank, key=lambda entity: rank[entity])


def _css(links: Sequence[Link]) -> str:
    """How a line is drawn: ordinary lines first, missing ones on top."""
    if any(link.missing for link in links):
        return "missing"
    if all(link.declared for link in links):
        return "a-declared"
    return "carries" if any(link.carries for link in links) else "b-plain"


def _edge(links: Sequence[Link], layout: Layout) -> tuple[str, str]:
    """The line from subject to object, and its label, near the subject."""
    first, css = links[0], _css(links)
    (x1, y1), (x2, y2) = layout.places[first.subject], layout.places[first.object]
    y1, y2 = y1 + HEIGHT / 2, y2 + HEIGHT / 2
    if x1 == x2:
        bend = GAP_X * 0.5
        path = f"M{x1 + WIDTH:g} {y1:g}c{bend:g} 0 {bend:g} {y2 - y1:g} 4 {y2 - y1:g}"
        at = (x1 + WIDTH + bend * 0.8, (y1 + y2) / 2)
    else:
        points = [(x1, y1), *layout.ways[first.subject, first.object], (x2 + WIDTH + 3, y2)]
        if x2 > x1:
            points[0], points[-1] = (x1 + WIDTH, y1), (x2 - 3, y2)
        path = _way(points)
        gap_end = x1 - GAP_X if x2 < x1 else x1 + WIDTH + GAP_X
        at = ((points[0][0] + gap_end) / 2, (y1 + points[1][1]) / 2)
    words = ", ".join(link.relation.replace("_", " ") for link in links)
    return (
        f'<path class="edge {css}" d="{path}" marker-end="url(#arrow-{css})"/>',
        f'<text class="edge-label {css}" x="{at[0]:g}" y="{at[1] - 4:g}" text-anchor="middle">{esc(short(words, 16))}</text>',
    )


def _way(points: Sequence[Point]) -> str:
    """A smooth way that leaves and enters columns level; it runs straight where it passes one."""
    (x, y), *rest = points
    path = f"M{x:g} {y:g}"
    for index, (next_x, next_y) in enumerate(rest):
        toward = 1 if next_x > x else -1
        passing = index < len(rest) - 1
        enter = next_x - toward * WIDTH / 2 if passing else next_x
        bend = toward * abs(enter - x) * 0.5
        path += f"C{x + bend:g} {y:g} {enter - bend:g} {next_y:g} {enter:g} {next_y:g}"
        x, y = enter, next_y
        if passing:
            x = next_x + toward * WIDTH / 2
            path += f"H{x:g}"
    return path


def _titles(nodes: Iterable[str], context: ReportContext) -> dict[str, str]:
    """What people call each node; of those that share a name, the last part of the id."""
    names = {entity: context.name(entity) for entity in nodes}
    shared = Counter(names.values())
    return {entity: name if shared[name] == 1 else entity.rpartition("/")[2] or name for entity, name in names.items()}


def _node(entity: str, title: str, place: tuple[float, float], context: ReportContext) -> str:
    x, y = place
    found = [finding for finding in context.findings if finding.entity == entity and finding.exceeds]
    risk = context.risk.get(entity, 0.0)
    gone = context.state is not None and entity not in context.state.entities
    css = "bad" if found else "watch" if risk >= _WORTH_SHOWING else "calm"
    told = (
        f"{len(found)} finding{'s' if len(found) > 1 else ''}"
        if found
        else f"risk {risk:.2f}"
        if css == "watch"
        else ""
    )
    below = " · ".join(part for part in ("not reported" if gone else context.kind(entity), told) if part)
    sign = {
        "bad": f'<path class="sign" d="M{x + 17:g} {y + 15:g}l9 9-9 9-9-9z"/>',
        "watch": f'<path class="sign" d="M{x + 17:g} {y + 16:g}l9 16h-18z"/>',
        "calm": f'<circle class="sign" cx="{x + 17:g}" cy="{y + 24:g}" r="5"/>',
    }[css]
    hover = "\n".join([entity, *(finding.message for finding in found)])
    return (
        f'<g class="node {css}{" gone" if gone else ""}"><title>{esc(hover)}</title>'
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="9"/>{sign}'
        f'<text class="name" x="{x + 33:g}" y="{y + 21:g}">{esc(short(title, 21))}</text>'
        f'<text class="kind" x="{x + 33:g}" y="{y + 37:g}">{esc(short(below, 28))}</text></g>'
    )


def _in_words(picture: Picture, context: ReportContext) -> str:
    marked = {finding.entity for finding in context.findings if finding.exceeds}
    bad = [context.name(entity) for entity in picture.nodes if entity in marked]
    lines = [
        f"{context.name(link.subject)} {link.relation.replace('_', ' ')} {context.name(link.object)}"
        f"{' (missing)' if link.missing else ' (declared)' if link.declared else ''}"
        for link in picture.links
    ]
    return f"With findings: {', '.join(bad) or 'none'}. {'. '.join(lines)}."


def _legend(picture: Picture, context: ReportContext) -> str:
    marked = {finding.entity for finding in context.findings if finding.exceeds}
    signs = []
    if marked & set(picture.nodes):
        signs.append('<span class="key bad">◆ has findings</span>')
    if any(context.risk.get(node, 0) >= _WORTH_SHOWING and node not in marked for node in picture.nodes):
        signs.append('<span class="key watch">▲ risk reaches it</span>')
    signs.append('<span class="key">● as expected</span>')
    if any(link.missing for link in picture.links):
        signs.append('<span class="key bad">┄ expected, not there</span>')
    if any(link.declared for link in picture.links):
        signs.append('<span class="key">┈ declared, not observed</span>')
    if any(link.carries and not link.declared for link in picture.links):
        signs.append('<span class="key">━ dependency: risk travels along it</span>')
    if picture.hidden > 0:
        signs.append(f'<span class="key">and {picture.hidden} more neighbour{"s" if picture.hidden > 1 else ""}</span>')
    return f'<p class="legend">{"".join(signs)}</p>'


_ARROWS: Final = (
    "<defs>"
    + "".join(
        f'<marker id="arrow-{css}" class="arrow {css}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path d="M0 .8 7 4 0 7.2z"/></marker>'
        for css in ("a-declared", "b-plain", "carries", "missing")
    )
    + "</defs>"
)
