"""The page of the benchmarks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from graphtwin.methods.benchmarks.bench_figures import Figure, bench_document
from graphtwin.methods.benchmarks.bench_page import bench_page, verdict

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def document(value: float = 0.3) -> dict[str, Any]:
    figures = {
        "commit_per_raw": Figure(value, "ratio", "higher", "5 claims over 5 rows; median of 3", floor=0.12, goal=0.25),
        "share_plan": Figure(0.0004, "share", "lower", "of the whole sync; median of 3"),
        "share_receive": Figure(0.1, "share", "lower", "of the whole sync; median of 3"),
        "share_world_state": Figure(0.55, "share", "lower", "of the whole sync; median of 3"),
    }
    return bench_document("loop", machine="2 cores, load 0.5", versions={"graphtwin": "0.1.0 (abc)"}, figures=figures)


def test_the_page_says_when_where_with_what_and_how_often() -> None:
    page = bench_page([document()], AT)

    assert "Measured on 2026-11-22. Machine: 2 cores, load 0.5. Versions: graphtwin 0.1.0 (abc)." in page
    assert "| `commit_per_raw` | 0.3 ratio | 0.12 | 0.25 | goal reached | higher |" in page
    assert "- `commit_per_raw`: 5 claims over 5 rows; median of 3" in page


def test_shares_stand_apart_greatest_first_without_what_hardly_counts() -> None:
    page = bench_page([document()], AT)

    assert page.index("| world_state | 55.0% |") < page.index("| receive | 10.0% |")
    assert "plan" not in page.partition("Where the time goes (of the whole sync; median of 3)")[2].partition("Notes")[0]


def test_several_benches_stand_on_one_page_and_one_measured_alone_leaves_the_others() -> None:
    loop, rdf = document(), {**document(), "name": "rdf"}
    page = bench_page([rdf, loop], AT)

    alone = bench_page([{**document(0.5), "name": "rdf"}], AT.replace(day=23), before=page)

    assert page.index("\n## loop\n") < page.index("\n## rdf\n")
    kept = page.partition("\n## rdf\n")[0]
    assert alone.startswith(kept)
    assert alone.count("\n## ") == 2
    assert "Measured on 2026-11-23" in alone.removeprefix(kept)
    assert "0.5 ratio" in alone.removeprefix(kept)


def test_writing_the_same_figures_again_changes_nothing() -> None:
    page = bench_page([document()], AT)

    assert bench_page([document()], AT, before=page) == page
    assert bench_page([], AT, before=page) == page


@pytest.mark.parametrize(
    ("value", "better", "said"),
    [
        (0.3, "higher", "goal reached"), (0.2, "higher", "holds"), (0.1, "higher", "under its floor"),
        (5.0, "lower", "over its floor"), (3.0, "lower", "holds"), (1.0, "lower", "goal reached"),
    ],
)  # fmt: skip
def test_a_verdict_is_in_words(value: float, better: Any, said: str) -> None:
    floor, goal = (0.12, 0.25) if better == "higher" else (4.0, 2.0)

    figure = Figure(value, "ratio", better, "", floor=floor, goal=goal)

    assert verdict(figure.as_json()) == said


def test_what_has_neither_floor_nor_goal_has_no_verdict() -> None:
    assert verdict(Figure(0.5, "share", "lower", "").as_json()) == ""
