"""Every Cypher statement of the store, read once from cypher/ and checked against its own header."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from graphtwin.errors import IntegrityError

Mode = Literal["read", "write", "schema"]

_HEADER: Final = re.compile(r"^// (purpose|mode|params|returns): ?(.*)$")
_CONTINUED: Final = re.compile(r"^//   (.*)$")
_PARAMETER: Final = re.compile(r"\$([A-Za-z_]\w*)")
_ROOMS: Final = ("schema", "world", "entity", "fact", "identity", "run", "acting", "audit")


@dataclass(frozen=True, slots=True)
class Statement:
    """One Cypher statement with what its header promises."""

    name: str
    text: str
    purpose: str
    mode: Mode
    params: frozenset[str]
    returns: str


@lru_cache(maxsize=1)
def statements() -> Mapping[str, Statement]:
    """All statements by `room/name`. Raises IntegrityError for a header that is missing or lies about its parameters."""
    folder = cypher_folder()
    found = {}
    for room in _ROOMS:
        for file in sorted((folder / room).glob("*.cypher")):
            name = f"{room}/{file.stem}"
            found[name] = parse_statement(name, file.read_text(encoding="utf-8"))
    return found


def cypher_folder() -> Path:
    """Where the statements lie: inside the installed package, else in the source tree."""
    package = Path(__file__).resolve().parents[2]
    packed = package / "_data" / "cypher"
    return packed if packed.is_dir() else package.parent / "cypher"


def parse_statement(name: str, text: str) -> Statement:
    """The statement of a file. Raises IntegrityError where header and text differ, or when there are two statements."""
    header: dict[str, str] = {}
    last = ""
    body: list[str] = []
    for line in text.splitlines():
        if match := _HEADER.match(line):
            last = match[1]
            header[last] = match[2].strip()
        elif last and not body and (match := _CONTINUED.match(line)):
            header[last] += " " + match[1].strip()
        elif not line.lstrip().startswith("//"):
            body.append(line)
    query = "\n".join(body).strip()
    missing = {"purpose", "mode", "params", "returns"} - header.keys()
    if missing or not query:
        raise IntegrityError(f"cypher/{name}.cypher lacks {', '.join(sorted(missing)) or 'its statement'}.")
    declared = frozenset(word for word in re.split(r"[,\s]+", header["params"]) if word and word != "-")
    used = frozenset(_PARAMETER.findall(query))
    if declared != used:
        raise IntegrityError(
            f"cypher/{name}.cypher declares {sorted(declared)} and uses {sorted(used)}.",
            hint="Make the `params` line of its header say what the statement uses.",
        )
    mode = header["mode"]
    if mode not in ("read", "write", "schema"):
        raise IntegrityError(f"cypher/{name}.cypher: its mode must be read, write or schema, not {mode!r}.")
    if query.rstrip(";").count(";"):
        raise IntegrityError(f"cypher/{name}.cypher holds more than one statement.")
    return Statement(name, query, header["purpose"], mode, declared, header["returns"])  # type: ignore[arg-type]
