"""state_transition: the rules' derivations become exactly what the rules return now, in the same transaction (S22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from graphtwin.errors import Refused, RuleRefused
from graphtwin.methods.rules.comparison import Comparison, Pasts, comparison_of, held_row, held_since
from graphtwin.methods.rules.derivation import derivation_events, derivation_facts, stands
from graphtwin.methods.rules.lasting import past_of
from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Changes, Draft, EventRecord, RuleRow, RuleText
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
    derived: tuple[Fact, ...] = ()
    """What was written, each fact once."""


async def state_transition(
    transaction: Transaction,
    rules: Sequence[RuleText],
    policy: Policy,
    *,
    now: int,
    valid: int,
    run: str,
    changed: Changes | None = None,
) -> StateTransitionOut:
    """Run the rules stratum by stratum on the present that this transaction has made; `valid` is V(k).

    `changed` is what this transaction changed before: the premises of a row that stands as it did, about entities that
    didn't change, aren't looked up again. None looks all of them up.
    """
    touched = None if changed is None else _entities_of(changed)
    rows: list[RuleRow] = []
    changes: list[Changes] = []
    written: dict[str, Fact] = {}
    ordered = sorted(rules, key=lambda rule: (rule.stratum, rule.id))
    for _, stratum in groupby(ordered, key=lambda rule: rule.stratum):
        found = await _about_things(
            transaction, {rule.id: await _rows(transaction, rule, policy, valid) for rule in stratum}
        )
        rows += [row for group in found.values() for row in group]
        for _ in range(_MAX_ROUNDS):
            facts, events = await _derivations(transaction, found, policy, valid, run, touched)
            if not facts:
                break
            written |= {fact.id: fact for fact in facts}
            changes.append(await transaction.write(Draft(now=now, facts=tuple(facts), events=tuple(events))))
            touched = None if touched is None else touched | _entities_of(changes[-1])
            if all(fact.op != "withdraw" for fact in facts):
                break
    return StateTransitionOut(
        rows=tuple(rows),
        changes=tuple(changes),
        facts=len(written),
        anchors=tuple(f"tool:rule:{rule.id}" for rule in ordered),
        by_rule={rule.id: sum(row.rule == rule.id for row in rows) for rule in ordered},
        derived=tuple(written.values()),
    )


async def _rows(transaction: Transaction, rule: RuleText, policy: Policy, valid: int) -> tuple[RuleRow, ...]:
    if rule.kind == "held":
        return await _lasting_rows(transaction, rule, policy, valid)
    found = await transaction.rule_rows(rule)
    for row in found:
        _is_json(rule, row)
    _only_what_it_declares(rule, found)
    return found


async def _lasting_rows(transaction: Transaction, rule: RuleText, policy: Policy, valid: int) -> tuple[RuleRow, ...]:
    """A row for each comparison that has held for the rule's `for` up to V(k), by the facts as they are known now (S23)."""
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
    types = await transaction.winning_facts([(entity, TYPE) for entity, _ in wanted])
    spells = await transaction.spells(wanted, since=since)
    kinds = {entity: str(fact.value) for (entity, _), fact in types.items()}
    return {
        (entity, name): past_of(spells[entity, name], policy, kinds.get(entity, ""), name) for entity, name in wanted
    }


async def _about_things(
    transaction: Transaction, found: Mapping[str, Sequence[RuleRow]]
) -> dict[str, tuple[RuleRow, ...]]:
    """Without rows about entities that no source and no model speaks of any more: what rules derive can't keep a thing
    in the world that has gone from it (S12, S24).
    """
    founding = await transaction.founding_records(sorted({row.subject for rows in found.values() for row in rows}))
    return {rule: tuple(row for row in rows if row.subject in founding) for rule, rows in found.items()}


def _entities_of(changes: Changes) -> frozenset[str]:
    """Every entity that a change is about."""
    return frozenset(
        [
            *(one.entity for one in changes.entities),
            *(one.entity for one in changes.values),
            *(one.entity for one in changes.lifecycles),
            *(end for one in changes.edges for end in (one.key[1], one.key[3])),
        ]
    )


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


async def _derivations(  # noqa: PLR0917 - a stratum in the light of the world
    transaction: Transaction,
    found: Mapping[str, Sequence[RuleRow]],
    policy: Policy,
    valid: int,
    run: str,
    touched: frozenset[str] | None,
) -> tuple[list[Fact], list[EventRecord]]:
    """What the stratum's rules add, and the events that name the premises. Withdrawing a later cell may uncover another one, hence the caller's rounds."""
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
