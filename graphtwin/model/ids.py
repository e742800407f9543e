"""Entity ids, `<class>:<namespace>/<local id>`, and which ids look or read alike."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple, Self
from urllib.parse import quote, unquote

from graphtwin.model.look_alikes import LOOK_ALIKES

_CLASS = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_SEGMENT = re.compile(r"[^\s/\x00-\x1f\x7f]+")
_MAX_LENGTH: Final = 512
_KEPT: Final = ":@!$&'()*+,;=~"
"""Beside letters, digits and `_.-`, what a quoted segment keeps as it is."""

_MIXED_FREELY: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "HANGUL"})
"""Scripts that are written together, and beside Latin, without intent to deceive."""


class EntityId(NamedTuple):
    """The parts of an entity id; `namespace` is organization, domain, environment, system, in that order."""

    entity_class: str
    namespace: tuple[str, ...]
    local: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The parts of a full id; raises ValueError for a plain local id and for anything malformed."""
        entity_class, colon, path = text.partition(":")
        segments = path.split("/")
        well_formed = _CLASS.fullmatch(entity_class) and all(_SEGMENT.fullmatch(segment) for segment in segments)
        if not colon or len(segments) == 1 or not well_formed or len(text) > _MAX_LENGTH:
            message = f"{text!r} is not an entity id; write it like sensor:acme/factory/line-3/temp-02"
            raise ValueError(message)
        return cls(entity_class, tuple(segments[:-1]), segments[-1])

    @property
    def organization(self) -> str:
        """The first segment of the namespace: who the thing belongs to."""
        return self.namespace[0]

    def __str__(self) -> str:
        return f"{self.entity_class}:{'/'.join((*self.namespace, self.local))}"


def qualify(text: str, *, entity_class: str, namespace: str) -> str:
    """A full entity id as it is; a plain local id put into a namespace under a class.

    `namespace` is segments joined by `/`. Raises ValueError for empty text and a malformed class or namespace.
    """
    try:
        return str(EntityId.parse(text))
    except ValueError:
        full = f"{entity_class}:{namespace}/{quote_segment(text)}"
        return str(EntityId.parse(full))


def quote_segment(text: str) -> str:
    """A local name as one segment of an id: slashes, spaces, control characters and % are percent-encoded."""
    return "".join(
        char if char.isalnum() or char in "_.-" or char in _KEPT or _is_mark(char) else quote(char, safe="")
        for char in text
    )


def unquote_segment(segment: str) -> str:
    """The local name that `quote_segment` made a segment of."""
    return unquote(segment)


def match_key(text: str) -> str:
    """What two ids are compared by: NFKC, case folded, without invisible characters. The id itself is kept as it came."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", "".join(char for char in folded if not _is_invisible(char)))


def skeleton(text: str) -> str:
    """How an id looks: look-alike letters of other scripts as the Latin ones they pass for, then as `match_key`."""
    visible = "".join(char for char in unicodedata.normalize("NFKC", text) if not _is_invisible(char))
    return match_key(visible.translate(LOOK_ALIKES))


def confusable(one: str, other: str) -> bool:
    """Whether two ids look alike and yet are different ids: such a pair is never merged without a person."""
    return match_key(one) != match_key(other) and skeleton(one) == skeleton(other)


def is_deceptive(text: str) -> bool:
    """Whether an id mixes scripts within one word, or carries invisible characters."""
    if any(_is_invisible(char) for char in text):
        return True
    return any(_mixes_scripts(word) for word in re.split(r"[\W\d_]+", unicodedata.normalize("NFKC", text)))


def _mixes_scripts(word: str) -> bool:
    scripts = {_script(char) for char in word if char.isalpha()}
    if scripts & _MIXED_FREELY:
        scripts -= _MIXED_FREELY | {"LATIN"}
        return bool(scripts)
    return len(scripts) > 1


def _script(char: str) -> str:
    """The script of a letter, by the first word of its Unicode name."""
    return unicodedata.name(char, "UNKNOWN").split(" ", 1)[0].split("-", 1)[0]


def _is_invisible(char: str) -> bool:
    """Format characters, variation selectors and fillers, which leave no mark on a screen."""
    return (
        unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or char in "\u034f\u115f\u1160\u3164\uffa0"
    )


def _is_mark(char: str) -> bool:
    """A combining mark belongs to the letter before it."""
    return unicodedata.category(char).startswith("M")
