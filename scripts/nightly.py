"""Plays the proofs that take long, one piece after the other, and writes what came out to reference/proofs.md.

    python scripts/nightly.py [--list] [--again] [WORD ...]

A piece is one test marked `nightly`, with all its parameters; it gets an hour. What passed at this commit isn't played
again, so a night that was cut off goes on where it stopped; `--again` plays everything. Words choose the pieces whose name
holds one of them.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
RESULTS: Final = ROOT / "nightly-results"
PAGE: Final = ROOT / "reference" / "proofs.md"
LONGEST_S: Final = 3600
MATTERS: Final = ("graphtwin", "cypher", "tests", "examples", "pyproject.toml", "constraints.txt")
"""What a result rests on: with changes here that aren't committed, it counts for no commit."""

HEAD: Final = """\
# Proofs

The sizes that are too long for `make test`, played by `make nightly`. Each piece is one test with all its parameters; its
figures are what the test itself counted. A result stands for the commit beside it: `+` means that there were changes on top
of it that were not committed.

| piece | size | result | date | commit | duration |
| --- | --- | --- | --- | --- | ---: |
"""


@dataclass(frozen=True)
class Result:
    """How one piece went; `size` is said in words, `seconds` is the whole time with the start of a database."""

    piece: str
    result: str
    size: str
    date: str
    commit: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Nothing failed, and something was played."""
        return self.result == "passed"


def main(arguments: Sequence[str]) -> int:
    """0 when every chosen piece has passed, now or before at this commit; else 1."""
    parser = argparse.ArgumentParser(description="Play the long proofs.")
    parser.add_argument("--list", action="store_true", help="say which pieces there are, and play nothing")
    parser.add_argument("--again", action="store_true", help="also what passed at this commit")
    parser.add_argument("words", nargs="*", help="only pieces whose name holds one of these")
    asked = parser.parse_args(arguments)
    commit, pieces = commit_now(), all_pieces()
    chosen = [one for one in pieces if not asked.words or any(word in one for word in asked.words)]
    if asked.list:
        sys.stdout.writelines(f"{one}\n" for one in chosen)
        return 0
    RESULTS.mkdir(exist_ok=True)
    failed = 0
    for piece in chosen:
        known = read_result(state_of(piece))
        if known and not asked.again and stands(known, commit):
            tell(f"{piece}: passed before at {commit}")
            continue
        tell(f"{piece}: begins; its output is in {log_of(piece).relative_to(ROOT)}")
        result = play(piece, commit)
        failed += not result.passed
        state_of(piece).write_text(json.dumps(asdict(result), indent=2) + "\n", "utf-8")
        write_page(pieces)
        tell(f"{piece}: {result.result} in {duration(result.seconds)} ({result.size})")
    write_page(pieces)
    return 1 if failed else 0


def stands(known: Result, commit: str) -> bool:
    """A piece that passed at this very commit, without changes on top of it."""
    return known.passed and known.commit == commit and not commit.endswith("+")


def all_pieces() -> list[str]:
    """`tests/file.py::test` of everything marked nightly, in order."""
    answer = _pytest("--collect-only", "-q", "-m", "nightly", "tests")
    if answer.returncode not in (0, 5):
        raise SystemExit(f"The tests can't be collected:\n{answer.stdout}{answer.stderr}")
    return pieces_of(answer.stdout.splitlines())


def pieces_of(lines: Iterable[str]) -> list[str]:
    """The tests among pytest's lines, each once, without parameters."""
    return list(dict.fromkeys(line.partition("[")[0].strip() for line in lines if "::" in line))


def play(piece: str, commit: str) -> Result:
    """Run one piece in a process group of its own; what takes longer than an hour is ended, with what it started."""
    began, date = time.monotonic(), f"{datetime.now(UTC):%Y-%m-%d}"
    command = [sys.executable, "-m", "pytest", "-m", "nightly", "-s", "-q", "-p", "no:cacheprovider", piece]
    with log_of(piece).open("w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            code = process.wait(LONGEST_S)
        except subprocess.TimeoutExpired:
            _end(process)
            code = None
        except BaseException:
            _end(process)
            raise
    lines = log_of(piece).read_text("utf-8", errors="replace").splitlines()
    return Result(piece, verdict(code), size_of(lines), date, commit, round(time.monotonic() - began, 1))


def verdict(code: int | None) -> str:
    """Pytest's exit code in a word; None is a piece that was ended."""
    if code is None:
        return f"not done in {duration(LONGEST_S)}"
    return {0: "passed", 1: "failed", 5: "nothing played"}.get(code, f"broke off ({code})")


def size_of(lines: Iterable[str]) -> str:
    """What the piece counted: numbers in its JSON lines added up by name, then the tests that pytest counted."""
    counted: dict[str, int] = {}
    tests = ""
    for line in lines:
        text = line.lstrip(".FEsx ")
        if text.startswith("{"):
            _add(counted, text)
        elif " passed" in line or " failed" in line:
            tests = line.strip("= ").partition(" in ")[0]
    said = [f"{number:,} {name}" for name, number in counted.items()]
    return "; ".join([*said, tests] if tests else said) or "nothing counted"


def _add(counted: dict[str, int], text: str) -> None:
    try:
        figures: Any = json.loads(text)
    except ValueError:
        return
    for name, value in figures.items():
        number = sum(value.values()) if isinstance(value, Mapping) else value
        if isinstance(number, int) and not isinstance(number, bool) and name != "seed":
            counted[name] = counted.get(name, 0) + number


def page(rows: Iterable[str]) -> str:
    """The whole text of reference/proofs.md."""
    return HEAD + "".join(f"{row}\n" for row in rows)


def row_of(one: Result) -> str:
    """A result as its line in the page."""
    figures = (one.size, one.result, one.date, f"`{one.commit}`", duration(one.seconds))
    return f"| {' | '.join((_shown(one.piece), *figures))} |"


def rows_in(text: str) -> dict[str, tuple[str, str]]:
    """What a page says already: (date, line) by the piece as it is shown."""
    cells = ((line, [cell.strip() for cell in line.split("|")]) for line in text.splitlines() if line.startswith("| "))
    return {found[1]: (found[4], line) for line, found in cells if found[4][:1].isdigit()}


def _shown(piece: str) -> str:
    file, _, test = piece.partition("::")
    return f"{test.removeprefix('test_').replace('_', ' ')} (`{file}`)"


def duration(seconds: float) -> str:
    """Minutes and seconds, or hours."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def write_page(pieces: Sequence[str]) -> None:
    """The newest result of each piece that still exists: of this checkout, or what the page says already."""
    said = rows_in(PAGE.read_text("utf-8")) if PAGE.exists() else {}
    rows = []
    for piece in pieces:
        known, (date, row) = read_result(state_of(piece)), said.get(_shown(piece), ("", ""))
        rows.append(row_of(known) if known and known.date >= date else row)
    PAGE.write_text(page(row for row in rows if row), "utf-8")


def read_result(state: Path) -> Result | None:
    """What is known of a piece; nothing where its file is missing or can't be read."""
    try:
        return Result(**json.loads(state.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def state_of(piece: str) -> Path:
    """Where the result of a piece is kept."""
    return RESULTS / f"{_name(piece)}.json"


def log_of(piece: str) -> Path:
    """Where the output of a piece is kept."""
    return RESULTS / f"{_name(piece)}.log"


def _name(piece: str) -> str:
    file, _, test = piece.partition("::")
    return f"{Path(file).stem}.{test.replace('::', '.')}"


def commit_now() -> str:
    """The short id of the commit; `+` where what matters differs from it."""
    commit = _git("rev-parse", "--short=10", "HEAD").strip()
    return commit + ("+" if _git("status", "--porcelain", "--", *MATTERS).strip() else "")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _pytest(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask first: the tests stop the database that they started."""
    for sign, patience in ((signal.SIGINT, 60), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, sign)
            process.wait(patience)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return


def tell(text: str) -> None:
    """One line for who watches."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
