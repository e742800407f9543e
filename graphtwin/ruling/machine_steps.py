"""The state machines of a world inside a commit: steps back where a firing was wrong, and the steps that rules set off (S22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphtwin.methods.rules.machines import (
    Asked,
    Machine,
    firing_event,
    firing_facts,
    inverse_of,
    lost_premises,
    machines_of,
    steps_asked,
    still_there,
    taken_back,
    to_look_at,
    unsupported,
)
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Draft, EventRecord, RuleText
from graphtwin.model.fact import TYPE, Fact
from graphtwin.model.machine import Firing, MachineTrouble, firing_of
from graphtwin.ports import Transaction


@dataclass(frozen=True, slots=True)
class MachineSteps:
    """The steps that machines take in this commit, at most one each, and the machines in trouble."""

    firings: tuple[Firing, ...] = ()
    troubles: tuple[MachineTrouble, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is to be written: decisions."""
        return tuple(fact for firing in self.firings for fact in firing_facts(firing))

    @property
    def events(self) -> tuple[EventRecord, ...]:
        """The events of the decisions."""
        return tuple(map(firing_event, self.firings))

    def draft(self, now: int) -> Draft:
        """The write of the steps."""
        return Draft(now=now, facts=self.facts, events=self.events)


async def machine_steps(
    transaction: Transaction, rules: Sequence[RuleText], asked: Sequence[Asked], policy: Policy, *, valid: int, run: str
) -> MachineSteps:
    """What the transitions of one stratum do, given the rows that set them off. Nothing is written yet; `valid` is V(k).

    A machine that is taken back takes no other step in the same commit.
    """
    if not rules:
        return MachineSteps()
    back, unsound = await _wrong_firings(transaction, rules, valid=valid, run=run)
    moved = {(firing.subject, firing.variable) for firing in back}
    ahead = [one for one in asked if one[0].transition and (one[1].subject, one[0].transition.variable) not in moved]
    steps, contested = await _steps(transaction, ahead, policy, valid=valid, run=run)
    return MachineSteps((*back, *steps), (*unsound, *contested))


async def _steps(
    transaction: Transaction, asked: Sequence[Asked], policy: Policy, *, valid: int, run: str
) -> tuple[list[Firing], list[MachineTrouble]]:
    machines = machines_of(asked)
    if not machines:
        return [], []
    entities = sorted({subject for subject, _ in machines})
    premises = {premise for _, row in asked for premise in row.premises}
    held = await transaction.winning_facts(sorted({*machines, *premises, *((one, TYPE) for one in entities)}))
    return steps_asked(
        asked,
        held=held,
        founding=await transaction.founding_records(entities),
        policy=policy,
        valid=valid,
        seq=transaction.head.seq + 1,
        run=run,
    )


async def _wrong_firings(
    transaction: Transaction, rules: Sequence[RuleText], *, valid: int, run: str
) -> tuple[list[Firing], list[MachineTrouble]]:
    """The firings by which machines still stand where they are although a fact that they rest on wasn't so, and the steps
    back of those whose transition says so.
    """
    variables = {rule.transition.variable for rule in rules if rule.transition}
    firings = [firing_of(fact) for fact in await transaction.fired() if fact.name in variables]
    if not firings:
        return [], []
    tops = await transaction.claims_at(to_look_at(firings, valid))
    wrong = [(one, lost) for one in firings if still_there(one, tops, valid) and (lost := lost_premises(one, tops))]
    shown = await _shown(transaction, [one for one, _ in wrong])
    back: list[Firing] = []
    troubles: list[MachineTrouble] = []
    for firing, lost in wrong:
        fact = shown.get((firing.subject, firing.variable))
        if fact is None or fact.event != firing.event:
            continue
        step = (
            taken_back(firing, valid=valid, seq=transaction.head.seq + 1, run=run)
            if inverse_of(firing, rules)
            else None
        )
        back += [step] if step else []
        kind = str(shown[firing.subject, TYPE].value)
        troubles.append(unsupported(firing, lost, type_name=kind, fact=fact.id, back=step))
    return back, troubles


async def _shown(transaction: Transaction, firings: Sequence[Firing]) -> dict[Machine, Fact]:
    """The winning claims of the machines' states and of their entities' types."""
    wanted = {(one.subject, name) for one in firings for name in (one.variable, TYPE)}
    return dict(await transaction.winning_facts(sorted(wanted))) if wanted else {}
