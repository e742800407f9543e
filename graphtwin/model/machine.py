"""State machines: the transitions that fired, and where one is in trouble (S22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from graphtwin.model.fact import Fact, Key, Layer

TRANSITION: Final = "transition"
"""The source of the states that transitions lead to, and the prefix of the records that tell how machines came there."""

TroubleKind = Literal["unsupported", "contested"]


@dataclass(frozen=True, slots=True)
class Premise:
    """A fact that a firing rests on: what it said about [entity id, name or TYPE], and the cell's key."""

    entity: str
    name: str
    fact: str
    event: str
    key: Key
    value: Any


@dataclass(frozen=True, slots=True)
class Firing:
    """One step of one machine, a decision: at `at` (valid time, µs), `subject`'s `variable` went from one state to the next.

    `record` is the one under whose name the state is kept, `event` the decision's id. `takes_back` is the event of the firing
    that this one undoes, "" for a step ahead.
    """

    subject: str
    variable: str
    before: str
    after: str
    rules: tuple[str, ...]
    premises: tuple[Premise, ...]
    record: str
    at: int
    event: str
    run: str
    seq: int = 0
    takes_back: str = ""

    @property
    def state_key(self) -> Key:
        """The key that holds the machine's state."""
        return Key("reported", self.record, self.variable)


@dataclass(frozen=True, slots=True)
class MachineTrouble:
    """Unsupported: a machine stands where a firing led that rests on what isn't so. Contested: rules want different steps
    of it at once, and none was taken. `since` in epoch µs; `evidence` are fact ids.
    """

    kind: TroubleKind
    entity: str
    type: str
    variable: str
    state: str
    rules: tuple[str, ...]
    message: str
    since: int
    evidence: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What an action's `when` refers to."""
        if self.kind == "unsupported":
            return f"unsupported:{self.rules[0]}"
        return f"contested:{self.type}.{self.variable}"


def machine_record(subject: str) -> str:
    """The record that tells how an entity's machines came where they stand; it has no type, so it claims nothing."""
    return f"{TRANSITION}:{subject}"


def is_machine_key(key: Key) -> bool:
    """Whether a key tells of firings."""
    return key.record.startswith(f"{TRANSITION}:")


def firing_value(firing: Firing) -> dict[str, Any]:
    """The value of the fact that tells of a firing."""
    return {
        "from": firing.before,
        "to": firing.after,
        "rules": list(firing.rules),
        "record": firing.record,
        "takes_back": firing.takes_back,
        "premises": [
            {"entity": one.entity, "name": one.name, "fact": one.fact, "event": one.event, "key": list(one.key), "value": one.value}
            for one in firing.premises
        ],
    }  # fmt: skip


def firing_of(fact: Fact) -> Firing:
    """The firing that a fact of a machine's record tells of."""
    told: Mapping[str, Any] = fact.value
    return Firing(
        subject=fact.record.removeprefix(f"{TRANSITION}:"),
        variable=fact.name,
        before=told["from"],
        after=told["to"],
        rules=tuple(told["rules"]),
        premises=tuple(_premise(one) for one in told["premises"]),
        record=told["record"],
        at=fact.valid_from,
        event=fact.event,
        run=fact.run,
        seq=fact.seq,
        takes_back=told["takes_back"],
    )


def _premise(told: Mapping[str, Any]) -> Premise:
    layer: Layer
    layer, record, name, far = told["key"]
    return Premise(
        told["entity"], told["name"], told["fact"], told["event"], Key(layer, record, name, far), told["value"]
    )
