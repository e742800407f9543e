"""Which steps state machines take, which they can't, and which turn out to rest on nothing (S22)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from graphtwin.errors import RuleRefused
from graphtwin.methods.rules.words import value_words
from graphtwin.methods.state.canonical_json import same_json
from graphtwin.methods.state.policy import OVERRIDE, Policy
from graphtwin.model.commit import EventRecord, RuleRow, RuleText
from graphtwin.model.fact import TYPE, Fact, Key, decision
from graphtwin.model.instants import format_instant
from graphtwin.model.machine import (
    TRANSITION,
    Firing,
    MachineTrouble,
    Premise,
    firing_value,
    machine_record,
)

Machine = tuple[str, str]
"""(entity id, the variable that holds the state)."""
Asked = tuple[RuleText, RuleRow]
"""A transition and a row that sets it off."""
Tops = Mapping[tuple[Key, int], Fact]
"""The claim of a key at a valid time (µs)."""


def machines_of(asked: Iterable[Asked]) -> list[Machine]:
    """The machines that the rows are about, sorted."""
    return sorted({(row.subject, rule.transition.variable) for rule, row in asked if rule.transition})


def steps_asked(
    asked: Iterable[Asked],
    *,
    held: Mapping[Machine, Fact],
    founding: Mapping[str, str],
    policy: Policy,
    valid: int,
    seq: int,
    run: str,
) -> tuple[list[Firing], list[MachineTrouble]]:
    """The steps to take, at most one a machine, and the machines whose rules contradict each other: those stay.

    `held` has the winning claim of every machine's state, of its entity's TYPE and of all premises, `founding` the founding
    record of each entity. Raises RuleRefused for an entity without such a machine.
    """
    wanted: dict[Machine, dict[str, list[Asked]]] = defaultdict(lambda: defaultdict(list))
    for rule, row in asked:
        step = rule.transition
        if step is None or (row.subject, TYPE) not in held:
            continue
        kind = str(held[row.subject, TYPE].value)
        machine = policy.machine(kind, step.variable)
        if machine is None:
            raise RuleRefused(
                f"The rule {rule.id} moves {step.variable!r} of {row.subject}, which is no state machine of a {kind}",
                hint="return only entities of types that declare it with `machine`",
            )
        state = _state(held.get((row.subject, step.variable)), machine.initial)
        if state in step.from_ and step.to in machine.allowed_next_states.get(state, ()):
            wanted[row.subject, step.variable][step.to].append((rule, row))
    steps, troubles = [], []
    for machine_, targets in sorted(wanted.items()):
        if len(targets) > 1:
            troubles.append(_contested(machine_, targets, held, policy, valid))
        else:
            ((_, reasons),) = targets.items()
            steps.append(_firing(machine_, reasons, held, founding, policy, valid, seq, run))
    return steps, troubles


def _state(claim: Fact | None, initial: str) -> str:
    """Where a machine stands; "" where it can't be moved: nothing says it, or a person holds it there."""
    if claim is None:
        return initial
    return claim.value if isinstance(claim.value, str) and claim.source != OVERRIDE else ""


def _firing(  # noqa: PLR0917 - one machine in the light of the world
    machine: Machine,
    reasons: Sequence[Asked],
    held: Mapping[Machine, Fact],
    founding: Mapping[str, str],
    policy: Policy,
    valid: int,
    seq: int,
    run: str,
) -> Firing:
    subject, variable = machine
    rules = sorted(reasons, key=lambda reason: reason[0].id)
    step = rules[0][0].transition
    claim = held.get(machine)
    declared = policy.machine(str(held[subject, TYPE].value), variable)
    names = sorted({premise for _, row in rules for premise in row.premises} - {machine})
    return Firing(
        subject=subject,
        variable=variable,
        before=_state(claim, declared.initial if declared else ""),
        after=step.to if step else "",
        rules=tuple(dict.fromkeys(rule.id for rule, _ in rules)),
        premises=tuple(
            Premise(*name, held[name].id, held[name].event, held[name].key, held[name].value)
            for name in names
            if name in held
        ),
        record=claim.record if claim else founding[subject],
        at=valid,
        event=_event(machine, seq),
        run=run,
        seq=seq,
    )


def _contested(
    machine: Machine, targets: Mapping[str, Sequence[Asked]], held: Mapping[Machine, Fact], policy: Policy, valid: int
) -> MachineTrouble:
    subject, variable = machine
    kind = str(held[subject, TYPE].value)
    declared = policy.machine(kind, variable)
    claim = held.get(machine)
    state = _state(claim, declared.initial if declared else "")
    wishes = "; ".join(
        f"{' and '.join(sorted({rule.id for rule, _ in reasons}))}: {target}"
        for target, reasons in sorted(targets.items())
    )
    reasons = [reason for group in targets.values() for reason in group]
    premises = sorted({premise for _, row in reasons for premise in row.premises if premise in held})
    return MachineTrouble(
        kind="contested",
        entity=subject,
        type=kind,
        variable=variable,
        state=state,
        rules=tuple(sorted({rule.id for rule, _ in reasons})),
        message=f"{subject} {variable} stays {state}: its rules want different steps at once ({wishes})",
        since=valid,
        evidence=tuple(dict.fromkeys(held[premise].id for premise in premises)),
    )


def to_look_at(firings: Iterable[Firing], valid: int) -> list[tuple[Key, int]]:
    """The claims that tell whether firings still stand and whether what they rest on is still so: keys and valid times."""
    wanted = {(firing.state_key, valid) for firing in firings}
    wanted |= {(one.key, firing.at) for firing in firings for one in firing.premises}
    return sorted(wanted)


def still_there(firing: Firing, tops: Tops, valid: int) -> bool:
    """Whether the state's record still says what the firing decided, by that very decision."""
    top = tops.get((firing.state_key, valid))
    return top is not None and top.event == firing.event and top.op == "assert"


def lost_premises(firing: Firing, tops: Tops) -> list[tuple[Premise, Any]]:
    """The premises that, as is known now, weren't so when it fired: withdrawn, corrected, or predated by a late claim; each
    with what was so instead, None where nothing was. Another fact that says the same is as good.
    """
    lost = []
    for one in firing.premises:
        top = tops.get((one.key, firing.at))
        said = top.value if top is not None and top.op == "assert" else None
        if top is None or (top.id != one.fact and not same_json(said, one.value)):
            lost.append((one, said))
    return lost


def unsupported(
    firing: Firing, lost: Sequence[tuple[Premise, Any]], *, type_name: str, fact: str, back: Firing | None
) -> MachineTrouble:
    """The finding about a firing that rests on what wasn't so; `fact` holds its state, `back` is the step that undid it."""
    premise, instead = lost[0]
    now = "nothing was said of it" if instead is None else f"it was {value_words(instead)}"
    more = f" ({len(lost) - 1} more facts went, too)" if len(lost) > 1 else ""
    undone = f"; it was taken back to {back.after}" if back else ""
    return MachineTrouble(
        kind="unsupported",
        entity=firing.subject,
        type=type_name,
        variable=firing.variable,
        state=firing.after,
        rules=firing.rules,
        message=(
            f"{firing.subject} {firing.variable} went to {firing.after} at {format_instant(firing.at)} by "
            f"{' and '.join(firing.rules)}, since {premise.entity} {premise.name} was {value_words(premise.value)}; as is known now, "
            f"{now}{more}{undone}"
        ),
        since=firing.at,
        evidence=(fact, *dict.fromkeys(one.fact for one, _ in lost)),
    )


def taken_back(firing: Firing, *, valid: int, seq: int, run: str) -> Firing:
    """The step that undoes a firing: back to the state before, from now on."""
    return Firing(
        subject=firing.subject,
        variable=firing.variable,
        before=firing.after,
        after=firing.before,
        rules=firing.rules,
        premises=(),
        record=firing.record,
        at=valid,
        event=_event((firing.subject, firing.variable), seq),
        run=run,
        seq=seq,
        takes_back=firing.event,
    )


def firing_facts(firing: Firing) -> tuple[Fact, Fact]:
    """The decisions of a firing: the state, in the cell of the record that it is kept under, and how it came about."""
    common = {"name": firing.variable, "valid_from": firing.at, "event": firing.event, "run": firing.run}
    return (
        decision(record=firing.record, value=firing.after, source=TRANSITION, **common),  # type: ignore[arg-type]
        decision(record=machine_record(firing.subject), value=firing_value(firing), source=TRANSITION, **common),  # type: ignore[arg-type]
    )


def firing_event(firing: Firing) -> EventRecord:
    """The event of a firing, which names the facts that it rests on, and theirs."""
    told = firing_value(firing)
    premises = [{**one, "record": one["key"][1]} for one in told["premises"]]
    return EventRecord(
        firing.event,
        TRANSITION,
        firing.at,
        TRANSITION,
        f"tool:rule:{firing.rules[0]}",
        machine_record(firing.subject),
        {"rule": firing.rules[0], **told, "premises": premises},
    )


def firing_line(firing: Firing) -> dict[str, Any]:
    """What the audit chain says of a firing: the step, why, and the facts that it rests on."""
    return {
        "event": firing.event,
        "subject": firing.subject,
        "variable": firing.variable,
        "from": firing.before,
        "to": firing.after,
        "rules": list(firing.rules),
        "premises": [one.fact for one in firing.premises],
        "takes_back": firing.takes_back,
    }


def inverse_of(firing: Firing, rules: Collection[RuleText]) -> bool:
    """Whether the transition that fired is to be taken back when it turns out wrong. A step back never is."""
    if firing.takes_back:
        return False
    return any(rule.id in firing.rules and rule.transition is not None and rule.transition.inverse for rule in rules)


def _event(machine: Machine, seq: int) -> str:
    return f"{TRANSITION}:{machine[0]}/{machine[1]}:v{seq}"
