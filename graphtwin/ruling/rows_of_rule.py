"""The rows that a rule returns now, checked for what the engine can use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphtwin.errors import RuleRefused
from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import RuleRow, RuleText
from graphtwin.ports import Transaction
from graphtwin.ruling.lasting_rows import lasting_rows


async def rows_of_rule(transaction: Transaction, rule: RuleText, policy: Policy, *, valid: int) -> tuple[RuleRow, ...]:
    """What the rule returns on the present as the transaction has left it, by subject; of a rule with `for:`, what has held
    long enough up to `valid`, which is V(k). Raises RuleRefused for rows that the engine can't use.
    """
    if rule.kind == "held":
        found = await lasting_rows(transaction, rule, policy, valid=valid)
        return tuple(replace(row, finding=None) for row in found) if rule.transition else found
    found = await transaction.rule_rows(rule)
    for row in found:
        _is_json(rule, row)
    _only_what_it_declares(rule, found)
    return found


async def about_things(
    transaction: Transaction, found: Mapping[str, Sequence[RuleRow]]
) -> dict[str, tuple[RuleRow, ...]]:
    """Without rows about entities that no source and no model speaks of any more: what rules derive can't keep a thing
    in the world that has gone from it (S12, S24).
    """
    founding = await transaction.founding_records(sorted({row.subject for rows in found.values() for row in rows}))
    return {rule: tuple(row for row in rows if row.subject in founding) for rule, rows in found.items()}


def _is_json(rule: RuleText, row: RuleRow) -> None:
    """Raise RuleRefused for a row that can't become facts: `set` and `finding` are maps of what JSON can say."""
    said = [row.values, {} if row.finding is None else row.finding]
    if not all(isinstance(one, Mapping) for one in said):
        raise RuleRefused(
            f"The rule {rule.id} returns `set` or `finding` about {row.subject} that isn't a map",
            hint="return them like {name: value}",
        )
    try:
        canonical_json(said)
    except ValueError as error:
        raise RuleRefused(
            f"The rule {rule.id} derives something about {row.subject} that JSON can't say: {error}",
            hint="guard divisions (CASE WHEN x <> 0 THEN y / x END); return numbers, texts, booleans, lists and maps",
        ) from error


def _only_what_it_declares(rule: RuleText, rows: Sequence[RuleRow]) -> None:
    """Raise RuleRefused for a derivation that the rule's `writes` doesn't name: the strata rest on it."""
    for row in rows:
        for name in (*row.values, *(relation for relation, _ in row.edges)):
            if name not in rule.writes:
                raise RuleRefused(
                    f"The rule {rule.id} derives {name!r} about {row.subject}, but doesn't say so",
                    hint=f"add it in twin.yaml: writes: [{', '.join(sorted({*rule.writes, name}))}]",
                )
