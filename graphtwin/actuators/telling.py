"""What is told of an answer: on one line, at most 500 characters, without any secret that was sent."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Collection, Iterator
from typing import Final
from urllib.parse import quote

LONGEST: Final = 500
HIDDEN: Final = "***"


def told(text: str, secrets: Collection[str] = ()) -> str:
    """The text as it may be stored, logged and shown: secrets are hidden, also as they are written in addresses, JSON, HTML
    and Base64; signs that would move a terminal are spaces.
    """
    for written in sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True):
        text = text.replace(written, HIDDEN)
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _forms(secret: str) -> Iterator[str]:
    if not secret:
        return
    yield secret
    yield quote(secret, safe="")
    yield json.dumps(secret)[1:-1]
    yield html.escape(secret)
    yield base64.b64encode(secret.encode()).decode()
