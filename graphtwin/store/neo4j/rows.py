"""Facts as rows of lists, the cheapest shape that the driver carries (research: 2.7 µs a row against 37)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from graphtwin.errors import UsageError
from graphtwin.model.fact import Fact, Key

US: Final = "\x1f"
_INT64: Final = 2**63
_SEPARATORS: Final = 4


def key_text(world: str, key: Key) -> str:
    """The key as it is stored and indexed; it begins with the world id."""
    layer, record, name, far = key
    return f"{world}\x1f{layer}\x1f{record}\x1f{name}\x1f{far}"


def key_of(text: str) -> Key:
    """The key that a stored text stands for."""
    _, layer, record, name, far = text.split(US)
    return Key(layer, record, name, far)  # type: ignore[arg-type]


def fact_row(world: str, fact: Fact) -> list[Any]:
    """The columns of fact/create_facts, in its order; what equals its default is left out (null). Raises UsageError for
    a name that would read as another key.
    """
    value, value_json = stored_value(fact.value)
    key = f"{world}\x1f{fact.layer}\x1f{fact.record}\x1f{fact.name}\x1f{fact.object}"
    if key.count(US) != _SEPARATORS:
        raise UsageError(
            f"A fact of {fact.record!r} holds the control character U+001F in an id or a name.",
            hint="Ids and names are printable; graphtwin percent-encodes what sources call their things.",
        )
    return [
        fact.id, key, fact.layer, fact.record, fact.name, fact.object or None, fact.op, value,
        value_json, fact.unit or None, fact.valid_from,
        None if fact.observed_at == fact.valid_from else fact.observed_at, fact.prio, fact.seq, fact.kind,
        fact.confidence, fact.source, fact.event or None, fact.evidence or None, fact.run or None,
    ]  # fmt: skip


def fact_of(row: Sequence[Any]) -> Fact:
    """The fact of a row that a statement returned, in the order of its columns."""
    (
        ident, layer, record, name, far, op, value, value_json, unit, valid_from, observed_at, prio, seq, kind,
        confidence, source, event, evidence, run,
    ) = row  # fmt: skip
    if value_json is not None:
        value = json.loads(value_json)
    return Fact(
        ident, layer, record, name, far or "", op, value, unit or "", valid_from,
        valid_from if observed_at is None else observed_at, prio, seq, kind, confidence, source, event or "",
        evidence or "", run or "",
    )  # fmt: skip


def top_of_row(key: Key, row: Sequence[Any]) -> Fact:
    """The fact of a row of fact/seek_tops, whose key the caller asked for."""
    (
        _,
        ident,
        op,
        value,
        value_json,
        unit,
        valid_from,
        observed_at,
        prio,
        seq,
        kind,
        confidence,
        source,
        event,
        evidence,
        run,
    ) = row
    layer, record, name, far = key
    if value_json is not None:
        value = json.loads(value_json)
    return Fact(
        ident, layer, record, name, far, op, value, unit or "", valid_from,
        valid_from if observed_at is None else observed_at, prio, seq, kind, confidence, source, event or "",
        evidence or "", run or "",
    )  # fmt: skip


def facts_of(rows: Iterable[Sequence[Any]]) -> list[Fact]:
    """The facts of returned rows."""
    return [fact_of(row) for row in rows]


def stored_value(value: Any) -> tuple[Any, str | None]:
    """(native value, None), or (None, JSON) for what a property can't hold exactly: lists, objects, big integers."""
    kind = type(value)
    if kind is float or kind is bool or value is None:
        return value, None
    if kind is str:
        return (value, None) if value.isascii() or _is_unicode(value) else (None, json.dumps(value))
    if kind is int and -_INT64 <= value < _INT64:
        return value, None
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return None, text if _is_unicode(text) else json.dumps(value, separators=(",", ":"))


def _is_unicode(text: str) -> bool:
    """False for lone surrogates, which no UTF-8 can say."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
