"""How long proofs are cut into pieces, counted and written down."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "nightly.py"


@pytest.fixture(scope="module")
def nightly() -> Any:
    spec = importlib.util.spec_from_file_location("nightly_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def result(nightly: Any, **changes: Any) -> Any:
    known = {
        "piece": "tests/integration/test_oracle.py::test_1000_operations_agree", "result": "passed", "size": "5 passed",
        "date": "2026-11-22", "commit": "0123456789", "seconds": 754.2,
    }  # fmt: skip
    return nightly.Result(**{**known, **changes})


def test_a_piece_is_a_test_with_all_its_parameters(nightly: Any) -> None:
    lines = ["tests/a.py::test_x[1]", "tests/a.py::test_x[2]", "tests/b.py::test_y", "", "2 tests collected in 3 s"]

    pieces = nightly.pieces_of(lines)

    assert pieces == ["tests/a.py::test_x", "tests/b.py::test_y"]


def test_figures_that_tests_print_are_added_up(nightly: Any) -> None:
    lines = [
        '{"seed": 101, "operations": {"claim": 150, "merge": 50}, "compared": {"entity": 70}}',
        '.{"seed": 102, "operations": {"claim": 200}, "compared": {"entity": 80, "path": 3}}',
        "{not JSON",
        ".",
        "2 passed, 14 deselected in 812.33s (0:13:32)",
    ]

    size = nightly.size_of(lines)

    assert size == "400 operations; 153 compared; 2 passed, 14 deselected"
    assert nightly.size_of([]) == "nothing counted"


@pytest.mark.parametrize(
    ("code", "said"), [(0, "passed"), (1, "failed"), (5, "nothing played"), (2, "broke off (2)"), (None, "not done in 60 min 0 s")]
)  # fmt: skip
def test_only_what_was_played_and_passed_is_passed(nightly: Any, code: int | None, said: str) -> None:
    one = result(nightly, result=nightly.verdict(code))

    assert one.result == said
    assert one.passed == (code == 0)


def test_what_passed_at_this_commit_isnt_played_again(nightly: Any) -> None:
    passed, failed = result(nightly), result(nightly, result="failed")

    assert nightly.stands(passed, "0123456789")
    assert not nightly.stands(passed, "9876543210")
    assert not nightly.stands(failed, "0123456789")
    assert not nightly.stands(result(nightly, commit="0123456789+"), "0123456789+")


def test_the_page_says_size_result_date_commit_and_duration(nightly: Any) -> None:
    page = nightly.page([nightly.row_of(result(nightly))])

    assert page.startswith("# Proofs\n")
    assert (
        "| 1000 operations agree (`tests/integration/test_oracle.py`) | 5 passed | passed | 2026-11-22 | `0123456789` "
        "| 12 min 34 s |\n"
    ) in page


def test_the_page_keeps_what_was_played_elsewhere_until_it_is_played_here(
    nightly: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, pieces = tmp_path / "proofs.md", [f"tests/a.py::test_{name}" for name in ("elsewhere", "both", "here")]
    monkeypatch.setattr(nightly, "PAGE", page)
    monkeypatch.setattr(nightly, "RESULTS", tmp_path)
    before = [result(nightly, piece=piece, date="2026-11-20") for piece in (*pieces[:2], "tests/a.py::test_gone")]
    page.write_text(nightly.page(map(nightly.row_of, before)), "utf-8")
    now = [result(nightly, piece=piece, date="2026-11-22") for piece in pieces[1:]]
    for one in now:
        nightly.state_of(one.piece).write_text(json.dumps(asdict(one)), "utf-8")

    nightly.write_page(pieces)

    assert page.read_text("utf-8") == nightly.page(map(nightly.row_of, [before[0], *now]))


def test_a_result_is_read_back_and_a_spoilt_one_is_none(nightly: Any, tmp_path: Path) -> None:
    one, state = result(nightly), tmp_path / "piece.json"
    state.write_text(json.dumps(asdict(one)), "utf-8")

    assert nightly.read_result(state) == one
    state.write_text("{", "utf-8")
    assert nightly.read_result(state) is None
    assert nightly.read_result(tmp_path / "none.json") is None
