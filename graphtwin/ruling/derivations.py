"""What derivations write so that their facts become exactly what the rules return now (S22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphtwin.methods.rules.derivation import derivation_events, derivation_facts, stands
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import EventRecord, RuleRow
from graphtwin.model.fact import TYPE, Fact
from graphtwin.ports import Transaction


async def derivations(
    transaction: Transaction,
    found: Mapping[str, Sequence[RuleRow]],
    policy: Policy,
    *,
    valid: int,
    run: str,
    touched: frozenset[str] | None,
) -> tuple[list[Fact], list[EventRecord]]:
    """What the rules of one stratum add, given the rows of each, and the events that name the premises; `valid` is V(k).

    Withdrawing a later cell may uncover another one: ask again, until nothing is withdrawn. `touched` are the entities that
    this transaction has changed: only of these premises are looked up again, or of all where it is None.
    """
    held = {rule: await transaction.derived(rule) for rule in found}
    targets = {target for rows in found.values() for row in rows for _, target in row.edges}
    founding = await transaction.founding_records(sorted(targets))
    functional = frozenset(name for name in policy.config.relations if policy.functional(name))
    standing = {fact.key: fact for facts in held.values() for fact in facts if fact.op == "assert"}
    pending = [
        row
        for rule, rows in found.items()
        for row in rows
        if touched is None
        or row.subject in touched
        or any(entity in touched for entity, _ in row.premises)
        or not stands(rule, row, standing, founding, functional)
    ]
    premises = {premise for row in pending for premise in row.premises} | {(row.subject, TYPE) for row in pending}
    winning = await transaction.winning_facts(sorted(premises)) if premises else {}
    types = {
        **{fact.record.partition("/")[2]: str(fact.value) for fact in standing.values() if fact.name == TYPE},
        **{entity: str(fact.value) for (entity, name), fact in winning.items() if name == TYPE},
    }
    facts: list[Fact] = []
    events: list[EventRecord] = []
    for rule, rows in found.items():
        derived = derivation_facts(
            rule,
            rows,
            held=held[rule],
            premises=winning,
            types=types,
            founding=founding,
            functional=functional,
            valid=valid,
            run=run,
        )
        facts += derived
        events += derivation_events(rule, rows, derived, premises=winning, run=run)
    return facts, events
