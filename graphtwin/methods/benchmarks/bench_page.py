"""The figures of benchmarks as a page that a person can judge them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from textwrap import fill
from typing import Any, Final

Figure = Mapping[str, Any]
Document = Mapping[str, Any]

_WIDTH: Final = 120

_HEAD: Final = """\
# Benchmarks

Written by `make bench`. What is compared is measured in turns on one machine, from the same data, so that a busy moment
weighs on all of it; ratios say more than rates. A floor must hold, a goal is aimed at.
"""
_NOTES: Final[Mapping[str, Sequence[str]]] = {
    "loop": (
        "The raw load can't stand in for a commit: it has no history, no present, no index of its rows, no audit.",
        "A commit is everything from taking the lease to giving it back.",
        "Each message also claims its thing's type, so that one value a message makes two claims, five make six.",
        "`sync_per_commit` divides two measurements of the same round in two worlds of equal state and history.",
        "`share_between` is what lies between the steps: the lease, the server's own commit, and writing the report.",
        "A busy machine moves the rates by a multiple and the ratios by some tenths; the quartiles say how far.",
    ),
    "rdf": (
        "The state has five readings, a wish and a relation for each sensor, with all that an export says of them.",
        "rdflib and the bare loop are given the finished statements: to map the state to them is graphtwin's work alone.",
        "`nquads_per_rdflib_from_text` is what a program would pay that builds its graph in rdflib and writes it.",
        "Each way writes to the null device; a file costs all of them the same again.",
        "A whole export is a process of its own from start to end: most of its memory is the program and its libraries.",
    ),
}
"""What a reader should know before trusting a figure."""


def bench_page(documents: Iterable[Document], at: datetime, *, before: str = "") -> str:
    """The whole Markdown page of some benches' documents. What the page said `before` of other benches stays, each bench in
    its place by name.
    """
    sections = {part.partition("\n")[0]: f"\n## {part.rstrip()}\n" for part in before.split("\n## ")[1:]}
    sections |= {document["name"]: _bench(document, at) for document in documents}
    return _HEAD + "".join(sections[name] for name in sorted(sections))


def verdict(figure: Figure) -> str:
    """How a figure stands to its floor and goal, in words; "" where it has neither."""
    if not holds(figure):
        return "under its floor" if figure["better"] == "higher" else "over its floor"
    if figure["goal"] is not None and _reaches(figure, figure["goal"]):
        return "goal reached"
    return "holds" if figure["floor"] is not None else ""


def holds(figure: Figure) -> bool:
    """True where there is no floor, or the value keeps it."""
    return figure["floor"] is None or _reaches(figure, figure["floor"])


def value_text(figure: Figure) -> str:
    """The value with its unit."""
    return f"{figure['value']:.4g} {figure['unit']}".strip()


def bound_text(bound: float | None) -> str:
    """A floor or goal; a dash where there is none."""
    return "–" if bound is None else f"{bound:g}"


def _reaches(figure: Figure, bound: float) -> bool:
    value: float = figure["value"]
    return value >= bound if figure["better"] == "higher" else value <= bound


def _bench(document: Document, at: datetime) -> str:
    figures: Mapping[str, Figure] = document["figures"]
    parts = {name: one for name, one in figures.items() if one["unit"] == "share"}
    versions = ", ".join(f"{package} {number}" for package, number in document["versions"].items())
    machine = f"Measured on {at:%Y-%m-%d}. Machine: {document['machine']}. Versions: {versions}."
    lines = [
        f"\n## {document['name']}\n\n{_wrapped(machine)}\n",
        "\n| figure | value | floor | goal | | better |\n| --- | ---: | ---: | ---: | --- | --- |\n",
        *(_row(name, one) for name, one in figures.items() if name not in parts),
        "\nWhat was compared, and how often:\n\n",
        *(
            _wrapped(f"- `{name}`: {one['reference']}", indent="  ") + "\n"
            for name, one in figures.items()
            if name not in parts
        ),
        *_shares(parts),
    ]
    notes = _NOTES.get(document["name"], ())
    return "".join(
        [*lines, *(["\nNotes:\n\n"] if notes else []), *(_wrapped(f"- {note}", indent="  ") + "\n" for note in notes)]
    )


def _wrapped(text: str, *, indent: str = "") -> str:
    """Prose in lines that can be read as text."""
    return fill(text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _row(name: str, one: Figure) -> str:
    cells = [
        f"`{name}`",
        value_text(one),
        bound_text(one["floor"]),
        bound_text(one["goal"]),
        verdict(one),
        one["better"],
    ]
    return f"| {' | '.join(cells)} |\n"


def _shares(parts: Mapping[str, Figure]) -> list[str]:
    """Where the time goes, greatest first; what takes less than a thousandth is left out."""
    if not parts:
        return []
    rows = sorted(parts.items(), key=lambda item: -item[1]["value"])
    reference = rows[0][1]["reference"]
    return [
        f"\nWhere the time goes ({reference}):\n\n| step | share |\n| --- | ---: |\n",
        *(f"| {name.removeprefix('share_')} | {one['value']:.1%} |\n" for name, one in rows if one["value"] >= 1e-3),  # noqa: PLR2004 - a thousandth
    ]
