"""Names that twin.yaml can take, made from whatever sources call their fields, files and things."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from graphtwin.model.configuration.reserved import (
    NAME,
    RESERVED_LABELS,
    RESERVED_PROPERTIES,
    RESERVED_SUFFIXES,
    SOURCE,
    SYSTEM_SOURCES,
    label_token,
)

MOST: Final = 48
"""Characters of a name that is made; twin.yaml takes some more."""

_WORD_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_AS_THEY_ARE: Final = (
    "status",
    "bus",
    "gas",
    "news",
    "series",
    "process",
    "address",
    "access",
    "class",
    "glass",
    "lens",
)


def plain_words(text: str) -> tuple[str, ...]:
    """The words of a name in small letters: `Supply-TempC` is supply, temp, c."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return tuple(re.findall(r"[^\W_]+", parted.lower()))


def safe_name(text: str, otherwise: str) -> str:
    """The text itself where it is a name; else its letters and digits, joined by `_`; `otherwise` where none is left."""
    if NAME.match(text) and len(text) <= MOST and not text.startswith("Gt"):
        return text
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    made = "_".join(plain_words(plain))[:MOST].strip("_")
    made = f"n_{made}" if made[:1].isdigit() else made
    return made if NAME.match(made) else otherwise


def variable_name(text: str, otherwise: str, taken: Collection[str]) -> str:
    """A free name for a variable: none of graphtwin's own, none that is taken."""
    name = safe_name(text, otherwise)
    for suffix in RESERVED_SUFFIXES:
        name = name.removesuffix(suffix) or otherwise
    if name in RESERVED_PROPERTIES:
        name = f"{name}_value"
    return free(name, taken)


def free(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where it is taken."""
    made, number = name, 2
    while made in taken:
        made, number = f"{name}_{number}", number + 1
    return made


def type_name(text: str, otherwise: str = "thing") -> str:
    """A name for a type: of a label that isn't graphtwin's own, beginning with a letter."""
    name = safe_name(text, otherwise)
    if not _WORD_TYPE.fullmatch(name):
        name = safe_name(name.lstrip("_"), otherwise)
    label = label_token(name)
    return f"the_{name}" if label.startswith("Gt") or label in RESERVED_LABELS else name


def one_of(word: str) -> str:
    """A single one of what a plural names: pumps is pump, batteries is battery."""
    small = word.lower()
    if len(small) < 4 or small.endswith((*_AS_THEY_ARE, "ss", "us", "is")) or not small.endswith("s"):  # noqa: PLR2004 - gas, bus
        return word
    if small.endswith("ies"):
        return f"{word[:-3]}y"
    if small.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1]


def type_of_called(called: str) -> str:
    """The type that a file or address is named after: `hvac-units` holds things of the type hvac_unit."""
    words = [word for word in plain_words(called) if not word.isdigit()]
    if not words:
        return "thing"
    return type_name("_".join([*words[:-1], one_of(words[-1])]))


def source_name(text: str, taken: Collection[str]) -> str:
    """A free name for a source."""
    made = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.")[:MOST].strip("-.") or "source"
    made = f"{made}-source" if made in SYSTEM_SOURCES else made
    return free(made if SOURCE.match(made) else "source", taken)
