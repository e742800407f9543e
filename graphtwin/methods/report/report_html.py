"""Text for the report's HTML: everything from outside is escaped, and what could deceive the eye is made visible."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any, Final

_DECEIVING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""Control characters, and those that hide or turn text around."""


def esc(value: Any) -> str:
    """A value as text that is safe between tags and inside quoted attributes."""
    return html.escape(_DECEIVING.sub("\ufffd", str(value)), quote=True)


def short(value: Any, length: int = 28) -> str:
    """Text of at most `length` characters, not escaped yet."""
    text = str(value)
    return text if len(text) <= length else text[: length - 1] + "…"


def number(value: Any) -> str:
    """A value as people write it: four significant digits, thousands apart, words as they are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u2009")
    if isinstance(value, float):
        if abs(value) >= 10_000:  # noqa: PLR2004 - more digits say no more
            return f"{value:,.0f}".replace(",", "\u2009")
        return f"{value:.4g}"
    return "nothing" if value is None else str(value)


def items(parts: Iterable[str], *, kind: str = "ul", css: str = "") -> str:
    """A list of parts that are HTML already; "" when there are none."""
    inner = "".join(f"<li>{part}</li>" for part in parts)
    return f'<{kind} class="{css}">{inner}</{kind}>' if inner else ""


def command(text: str) -> str:
    """A command to copy."""
    return f'<pre class="command" tabindex="0"><code>{esc(text)}</code></pre>'


def mark(kind: str) -> str:
    """A small sign whose shape alone tells what it means: good, watch, bad, stop, none."""
    shapes = {
        "good": '<circle cx="8" cy="8" r="7"/><path class="in" d="M4.6 8.2l2.3 2.3 4.4-4.7"/>',
        "watch": '<path d="M8 1.2 15 14.4H1z"/><path class="in" d="M8 6v4"/><path class="in" d="M8 12.1v.2"/>',
        "bad": '<path d="M8 .8 15.2 8 8 15.2.8 8z"/><path class="in" d="M8 4.6v4"/><path class="in" d="M8 11v.2"/>',
        "stop": '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/><path class="in" d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2"/>',
        "none": '<circle class="ring" cx="8" cy="8" r="6"/>',
    }
    return f'<svg class="mark {kind}" viewBox="0 0 16 16" aria-hidden="true">{shapes[kind]}</svg>'
