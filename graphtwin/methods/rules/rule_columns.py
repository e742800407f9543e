"""Which columns a rule may return, by its kind (S22, S23)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from graphtwin.errors import RuleRefused
from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.model.commit import RuleKind, RuleText

COLUMNS: Final[Mapping[RuleKind, frozenset[str]]] = {
    "derivation": frozenset({"subject", "set", "edges", "finding", "premises"}),
    "transition": frozenset({"subject", "premises"}),
    "held": frozenset({"subject", "variable", "op", "reference", "margin"}),
}
"""The columns of a kind; `subject` is needed. A kind that isn't named here has any others it likes."""
_ALL_NEEDED: Final[frozenset[RuleKind]] = frozenset({"transition", "held"})


def check_columns(rule: RuleText, columns: Iterable[str]) -> None:
    """Raises RuleRefused where `subject` is missing, or where the engine has no use for a column."""
    returned = set(columns)
    if "subject" not in returned:
        raise RuleRefused(
            f"The rule {rule.id} doesn't return `subject`.", hint="Return the id of the entity it is about AS subject."
        )
    known = COLUMNS.get(rule.kind, returned)
    if unknown := sorted(returned - known):
        raise RuleRefused(
            f"The rule {rule.id} returns the unknown column {unknown[0]!r}.",
            hint=f"Use only {', '.join(sorted(known))}.",
        )
    if rule.kind in _ALL_NEEDED and (missing := sorted(known - returned)):
        raise RuleRefused(
            f"The rule {rule.id} doesn't return {missing[0]!r}.", hint=f"Return {', '.join(sorted(known))}."
        )


def query_rows(rule: RuleText, records: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """What a query returned, in one order: by subject, then by the row's canonical JSON. Raises RuleRefused for a row
    without a subject, or with something in it that JSON can't say.
    """
    return tuple(sorted(records, key=lambda record: _place(rule, record)))


def subject_of(rule: RuleText, record: Mapping[str, Any]) -> str:
    """The entity that a row is about. Raises RuleRefused for a row without one."""
    subject = record.get("subject")
    if not isinstance(subject, str):
        raise RuleRefused(
            f"The rule {rule.id} returned a row without `subject`.",
            hint="Return an entity's id AS subject in every row.",
        )
    return subject


def _place(rule: RuleText, record: Mapping[str, Any]) -> tuple[str, bytes]:
    subject = subject_of(rule, record)
    try:
        return subject, canonical_json(record)
    except ValueError as error:
        raise RuleRefused(
            f"The rule {rule.id} returns something about {subject} that JSON can't say: {error}",
            hint="guard divisions (CASE WHEN x <> 0 THEN y / x END); return numbers, texts, booleans, lists and maps",
        ) from error
