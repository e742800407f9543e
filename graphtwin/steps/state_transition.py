"""state_transition: the rules' derivations become exactly what the rules return now, in the same transaction (S22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from graphtwin.errors import RuleRefused
from graphtwin.methods.derivation import derivation_facts
from graphtwin.methods.policy import Policy
from graphtwin.model.commit import Changes, Draft, RuleRow, RuleText
from graphtwin.model.fact import TYPE, Fact
from graphtwin.ports import Transaction

_MAX_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class StateTransitionOut:
    """Every row that a rule returned, and what that changed."""

    rows: tuple[RuleRow, ...]
    changes: tuple[Changes, ...]
    facts: int
    anchors: tuple[str, ...]
    by_rule: Mapping[str, int] = field(default_factory=dict)


async def state_transition(
    transaction: Transaction, rules: Sequence[RuleText], policy: Policy, *, now: int, valid: int, run: str
) -> StateTransitionOut:
    """Run the rules stratum by stratum on the present that this transaction has made; `valid` is V(k)."""
    rows: list[RuleRow] = []
    changes: list[Changes] = []
    written = 0
    ordered = sorted(rules, key=lambda rule: (rule.stratum, rule.id))
    for _, stratum in groupby(ordered, key=lambda rule: rule.stratum):
        for rule in stratum:
            found = await transaction.rule_rows(rule)
            _only_what_it_declares(rule, found)
            rows += found
            for _ in range(_MAX_ROUNDS):
                facts = await _facts(transaction, rule.id, found, policy, valid, run)
                if not facts:
                    break
                written += len(facts)
                changes.append(await transaction.write(Draft(now=now, facts=tuple(facts))))
    return StateTransitionOut(
        rows=tuple(rows),
        changes=tuple(changes),
        facts=written,
        anchors=tuple(f"tool:rule:{rule.id}" for rule in ordered),
        by_rule={rule.id: sum(row.rule == rule.id for row in rows) for rule in ordered},
    )


def _only_what_it_declares(rule: RuleText, rows: Sequence[RuleRow]) -> None:
    """Raise RuleRefused for a derivation that the rule's `writes` doesn't name: the strata rest on it."""
    for row in rows:
        for name in (*row.values, *(relation for relation, _ in row.edges)):
            if name not in rule.writes:
                raise RuleRefused(
                    f"The rule {rule.id} derives {name!r} about {row.subject}, but doesn't say so",
                    hint=f"add it in twin.yaml: writes: [{', '.join(sorted({*rule.writes, name}))}]",
                )


async def _facts(  # noqa: PLR0917 - a rule in the light of the world
    transaction: Transaction, rule: str, rows: Sequence[RuleRow], policy: Policy, valid: int, run: str
) -> list[Fact]:
    """Withdrawing a later cell may uncover another one, hence the caller's rounds."""
    subjects = {row.subject for row in rows}
    premises = sorted({premise for row in rows for premise in row.premises} | {(subject, TYPE) for subject in subjects})
    winning = await transaction.winning_facts(premises)
    return derivation_facts(
        rule,
        rows,
        held=await transaction.derived(rule),
        premises=winning,
        types={subject: str(winning[subject, TYPE].value) for subject in subjects if (subject, TYPE) in winning},
        founding=await transaction.founding_records(sorted({target for row in rows for _, target in row.edges})),
        functional=frozenset(name for name in policy.config.relations if policy.functional(name)),
        valid=valid,
        run=run,
    )
