"""What-if: the state that a plan would bring about, by the real engine, in a transaction that is left (S29)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from graphtwin.errors import GraphtwinError
from graphtwin.methods.acting.verdict import Foreseen
from graphtwin.methods.state.policy import OVERRIDE, Policy
from graphtwin.model.commit import RuleText
from graphtwin.model.configuration.acting import Constraints
from graphtwin.model.durations import SECOND
from graphtwin.model.fact import BEGIN, ENTITY, TYPE, Fact, decision
from graphtwin.model.plan import Plan
from graphtwin.model.state import State
from graphtwin.ports import Transaction
from graphtwin.workflows.decide import Decision, Turn, rehearse
from graphtwin.workflows.run import Context, Run

WITHIN: Final = 5 * SECOND
"""How long the database lets a what-if take; beyond it the plan is refused, never left unchecked (S29)."""


def interlock_texts(constraints: Constraints | None) -> tuple[RuleText, ...]:
    """The interlocks as queries that are admitted as rules are."""
    return tuple(
        RuleText(f"interlock:{one.id}", one.cypher, "critical", one.description, kind="query")
        for one in (constraints.interlocks if constraints else ())
    )


async def foresee(plan: Plan, state: State, run: Run, context: Context) -> Foreseen:
    """Apply the predicted effects, run rules and interlocks, read what they say, and leave. Nothing external is inside."""

    async def make(turn: Turn) -> Decision:
        return Decision((), facts=predicted_facts(plan, state, context.policy, now=turn.now, run=turn.run))

    async def look(transaction: Transaction) -> Foreseen:
        violations = []
        for text in interlock_texts(context.config.constraints):
            rows = await transaction.query_rows(text)
            violations += [_violation(text, row) for row in rows]
        rows_of = [await transaction.rule_rows(rule) for rule in context.rules if rule.kind == "derivation"]
        remaining = [(row.rule, row.subject) for rows in rows_of for row in rows if row.finding is not None]
        return Foreseen(tuple(violations), tuple(sorted(set(remaining))))

    try:
        decided = await rehearse(
            context.store, context.config, make, clock=context.clock, run=f"{run.id}:what-if:{plan.id}",
            rules=context.rules, look=look, within=WITHIN,
        )  # fmt: skip
    except GraphtwinError as error:
        return Foreseen(error=error.message)
    foreseen: Foreseen = decided.seen
    return foreseen


def _violation(text: RuleText, row: Any) -> str:
    said = row.get("message") or text.description or f"{text.id.removeprefix('interlock:')} forbids it"
    return f"{row['subject']}: {said}"


def predicted_facts(plan: Plan, state: State, policy: Policy, *, now: int, run: str) -> tuple[Fact, ...]:
    """What would be reported once every act had the effect that is declared for it: on a record of its own at each target,
    above every claim.
    """
    facts: list[Fact] = []
    for place, step in enumerate(plan.steps):
        target = state.entities.get(step.entity)
        if step.kind != "action" or target is None or not step.effects:
            continue
        record, event = f"whatif:{step.entity}", f"{run}:{place}"
        facts += membership(record, target.type, step.entity, event=event, run=run)
        for name, value in sorted(step.effects.items()):
            declared = policy.variable(target.type, name)
            facts.append(
                decision(
                    record=record, name=name, value=value, valid_from=now, event=event, run=run, kind="prediction",
                    unit=declared.unit if declared else "", source=OVERRIDE,
                )
            )  # fmt: skip
    return tuple(facts)


def membership(record: str, kind: str, entity: str, *, event: str, run: str) -> Sequence[Fact]:
    """A record of graphtwin's own that exists, and belongs to an entity."""
    return [
        decision(record=record, name=name, value=value, valid_from=BEGIN, event=event, run=run, kind="inference")
        for name, value in ((TYPE, kind), (ENTITY, entity))
    ]
