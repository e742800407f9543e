"""Keys that clients show to the API: new ones, and this user's own, 0600 in the user's configuration folder."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Final

from graphtwin.errors import Unavailable, UsageError

NAME: Final = "api-key"
LEAST_LENGTH: Final = 32
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def load_or_create_api_key(folder: Path) -> str:
    """The key in `folder`, made at the first call; two callers at once get one key.

    Raises UsageError for one that others may read or that is too short, Unavailable where none can be read or made.
    """
    path = folder / NAME
    try:
        if not path.exists():
            _create(folder, path)
        mode, key = path.stat().st_mode, path.read_text("ascii").strip()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} doesn't hold a key.", hint="delete it; a new one is made") from error
    except OSError as error:
        raise Unavailable(
            f"The API key {path} can't be read or made: {error.strerror or error}.",
            hint="Make the folder writable for you, or name another one with GRAPHTWIN_CONFIG.",
        ) from error
    _must_be_good(path, mode, key, "delete it, and a new one is made")
    return key


def new_api_key() -> str:
    """A key that nobody guesses; its beginning tells people and programs that look for leaked secrets what it is."""
    return f"gtk_{secrets.token_urlsafe(32)}"


def read_api_key(path: Path) -> str:
    """The key in a file. Raises UsageError for one that others may read, that is too short, or that can't be read."""
    try:
        mode, key = path.stat().st_mode, path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The API key {path} can't be read.", hint="name a file that holds one key") from error
    _must_be_good(path, mode, key, "let graphtwin make one: graphtwin user key WORLD NAME")
    return key


def _must_be_good(path: Path, mode: int, key: str, hint: str) -> None:
    if mode & _OTHERS:
        raise UsageError(
            f"Others may read the API key {path}.", hint=f"{hint}; a file of your own is closed by: chmod 600 {path}"
        )
    if len(key) < LEAST_LENGTH:
        raise UsageError(f"The API key in {path} is too short.", hint=hint)


def _create(folder: Path, path: Path) -> None:
    """Whole or not at all, and never in the place of one that is there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".api-key-")  # 0600 from the first byte on
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        os.link(name, path)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()
