"""How a command ends that can't do what it was asked: a sentence and the next move, never a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from tempfile import gettempdir
from typing import Final

import typer
from rich.text import Text

from graphtwin.cli.output import line, stderr
from graphtwin.errors import GraphtwinError

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it."""
UNEXPECTED: Final = 1


def tell(error: GraphtwinError) -> int:
    """Say on stderr what is wrong and what to do; the exit code of the error's kind."""
    stderr().print(Text.assemble(("Error: ", "bold red"), line(error.message)), soft_wrap=True)
    for problem in getattr(error, "problems", ()):
        if str(problem) in error.message:
            continue
        stderr().print(line(f"  {problem}"), soft_wrap=True)
    if error.hint:
        stderr().print(line(f"  {error.hint}", "cyan"), soft_wrap=True)
    return error.exit_code


def tell_system(error: OSError) -> int:
    """Say what the operating system refused: no defect of graphtwin, but nothing it can do without. Of who has read enough of
    an answer (`| head`) nothing is said, here or when the program closes its output.
    """
    if isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNEXPECTED
    what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    stderr().print(Text.assemble(("Error: ", "bold red"), line(what)), soft_wrap=True)
    stderr().print(line("  Look at the path, its owner and the free space: graphtwin doctor", "cyan"), soft_wrap=True)
    return UNEXPECTED


def tell_unexpected(error: Exception, home: Path, *, debug: bool) -> int:
    """Say in one line that graphtwin itself is at fault, and where the whole story is written."""
    story = "".join(traceback.format_exception(error))
    if debug:
        sys.stderr.write(story)
    place = _write(story, home)
    stderr().print(
        Text.assemble(
            ("Error: ", "bold red"),
            line(f"graphtwin failed unexpectedly ({type(error).__name__}: {error}). The whole story is in {place}"),
        ),
        soft_wrap=True,
    )
    return UNEXPECTED


def wants_debug(arguments: list[str]) -> bool:
    """Asked for by --debug before the command, or by GRAPHTWIN_DEBUG."""
    leading = arguments[: next((n for n, word in enumerate(arguments) if not word.startswith("-")), len(arguments))]
    return "--debug" in leading or os.environ.get("GRAPHTWIN_DEBUG", "") not in ("", "0")


def _write(story: str, home: Path) -> Path:
    """Append to the log in the user's home of graphtwin, or in the folder for passing things where that can't be."""
    for folder in (home, Path(gettempdir())):
        log = folder / "graphtwin-errors.log"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with log.open("a", encoding="utf-8") as stream:
                stream.write(story + "\n")
        except OSError:
            continue
        return log
    return Path(os.devnull)


def leave(code: int) -> None:
    """End the command with an exit code, where it isn't 0."""
    if code:
        raise typer.Exit(code)
