"""Masks what looks like a secret in a command line, so that it never becomes evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence

MASK = "***"

_NAMES = r"passw(?:or)?d|passphrase|pwd|token|secret|(?:api|access|private)[-_]?key|credential"
_WORD = rf"[\w.-]*(?:{_NAMES})[\w.-]*"
_FLAG = re.compile(rf"^-{{1,2}}{_WORD}$", re.IGNORECASE)
_PAIR = re.compile(rf"(?P<name>{_WORD}[\"']?\s*[=:]\s*)(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'&,;]+)", re.IGNORECASE)
_BEARER = re.compile(r"(?P<scheme>\b(?:bearer|basic)\s+)[^\s\"']+", re.IGNORECASE)
_USERINFO = re.compile(r"(?P<before>\w://[^\s/:@]*:)[^\s/@]+(?=@)")


def masked(words: Sequence[str]) -> str:
    """The words of a command line joined by blanks, secrets replaced by `***`."""
    shown: list[str] = []
    for word, before in zip(words, ("", *words), strict=False):
        shown.append(MASK if _FLAG.match(before) and not word.startswith("-") else _mask(word))
    return " ".join(shown)


def _mask(text: str) -> str:
    """One word, with `token=...`, `Bearer ...` and `//user:password@` masked."""
    text = _BEARER.sub(rf"\g<scheme>{MASK}", text)
    text = _USERINFO.sub(rf"\g<before>{MASK}", text)
    return _PAIR.sub(rf"\g<name>{MASK}", text)
