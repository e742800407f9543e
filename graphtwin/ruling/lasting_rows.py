"""The rows of a rule with `for:`: the comparisons that have held long enough, by the facts as they are known now (S23)."""

from __future__ import annotations

from collections.abc import Sequence

from graphtwin.errors import Refused, RuleRefused
from graphtwin.methods.rules.comparison import Comparison, Pasts, comparison_of, held_row, held_since
from graphtwin.methods.rules.lasting import past_of
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import RuleRow, RuleText
from graphtwin.ports import Transaction


async def lasting_rows(transaction: Transaction, rule: RuleText, policy: Policy, *, valid: int) -> tuple[RuleRow, ...]:
    """A row for each comparison that has held without a gap for the rule's `for` up to V(k), which is `valid`."""
    asked = [comparison_of(rule, record) for record in await transaction.query_rows(rule)]
    now = await _pasts(transaction, asked, policy, since=valid)
    candidates = [one for one in asked if held_since(one, now, until=valid) is not None]
    try:
        # Twice the time: it shows when a comparison that holds had held long enough.
        pasts = await _pasts(transaction, candidates, policy, since=valid - 2 * rule.lasting)
    except Refused as error:
        raise RuleRefused(
            f"The rule {rule.id} looks at too much of the past. {error.message}",
            hint="let it return fewer comparisons, or give it a shorter `for`",
        ) from error
    rows = []
    for one in candidates:
        since = held_since(one, pasts, until=valid)
        if since is not None and since <= valid - rule.lasting:
            rows.append(held_row(rule, one, pasts, since=since + rule.lasting))
    return tuple(rows)


async def _pasts(transaction: Transaction, asked: Sequence[Comparison], policy: Policy, *, since: int) -> Pasts:
    wanted = sorted({variable for one in asked for variable in one.variables})
    if not wanted:
        return {}
    spells = await transaction.spells(wanted, since=since)
    return {one: past_of(spells[one], policy, one[1]) for one in wanted}
