"""What the audit chain says of the API: what was asked for, by whom, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphtwin.errors import GraphtwinError
from graphtwin.model.commit import AuditEntry

ASKED: Final = "api-asked"
REFUSED: Final = "api-refused"
THIS_MACHINE: Final = "this machine"
"""What the key of the machine's own user is called in a record."""

_TOLD: Final = (
    "plan", "to", "entity", "variable", "source", "at", "until", "one", "other", "records", "decision", "mode", "run",
    "expectedVersion", "force", "dryRun",
)  # fmt: skip
"""The arguments that a record tells; values, reasons and evidence stand in the decision's own record."""
_LONGEST: Final = 120
_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Ask:
    """A root that was asked of a world: by which principal ("" for one that has no role there), with which key."""

    world: str
    root: str
    principal: str
    role: str
    key: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def asked_entry(ask: Ask, *, at: int, run: str) -> AuditEntry:
    """The record of a mutation before it is carried out."""
    return AuditEntry(ASKED, at, run, _who(ask))


def refused_entry(ask: Ask, why: GraphtwinError, *, code: str, left_out: int, at: int, run: str) -> AuditEntry:
    """The record of a refusal; `left_out` refusals of the same caller before it have none of their own."""
    more = {"left_out": left_out} if left_out else {}
    return AuditEntry(REFUSED, at, run, {**_who(ask), "code": code, "reason": _short(why.message), **more})


def _who(ask: Ask) -> dict[str, Any]:
    told = {name: _short(ask.arguments[name]) for name in _TOLD if ask.arguments.get(name) is not None}
    return {
        "principal": _short(ask.principal),
        "role": ask.role,
        "key": ask.key or THIS_MACHINE,
        "root": ask.root,
        "arguments": told,
    }


def _short(value: Any) -> Any:
    """Never so long that records fill the chain."""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_short(one) for one in value[:_MOST]]
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
