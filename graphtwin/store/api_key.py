"""The key that this user's clients show to the API: made once, 0600 in the user's configuration folder."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Final

from graphtwin.errors import Unavailable, UsageError

NAME: Final = "api-key"
_LEAST: Final = 32
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
    if mode & _OTHERS:
        raise UsageError(f"Others may read the API key {path}.", hint=f"delete it, and a new one is made: rm {path}")
    if len(key) < _LEAST:
        raise UsageError(f"The API key in {path} is too short.", hint="delete it; a new one is made")
    return key


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
