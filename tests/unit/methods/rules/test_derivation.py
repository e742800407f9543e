"""Derivations are kept true: what rules return appears, changes, ends and comes back, and the past keeps its gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from contracts.scene import DAY, NOON, SECOND, SteppingClock, born, roster, say, twin

from graphtwin.errors import ConfigurationError, RuleRefused
from graphtwin.methods.rules.derivation import derived_record
from graphtwin.methods.rules.strata import stratify
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Draft, RuleRow
from graphtwin.model.configuration.twin_rules import Rule
from graphtwin.model.fact import Fact
from graphtwin.model.state import At, State
from graphtwin.steps.state_transition import StateTransitionOut, state_transition
from graphtwin.store.memory import MemoryStore

WORLD = "plant"
MINUTE = 60 * SECOND


def rule(name: str, *, writes: Sequence[str] = (), reads: Sequence[str] = (), enabled: bool = True) -> Rule:
    return Rule(id=name, cypher="RETURN 1", writes=tuple(writes), reads=tuple(reads), enabled=enabled)


def row(name: str, subject: str, *, premises: Sequence[tuple[str, str]] = (), **values: Any) -> RuleRow:
    return RuleRow(name, subject, values, (), None, tuple(premises))


def hot(present: State, _now: int) -> list[RuleRow]:
    """A sensor that reads more than 30 is in alarm."""
    return [
        row("hot", one.id, premises=[(one.id, "reading")], mode="alarm")
        for one in present.entities.values()
        if one.type == "sensor" and "reading" in one.reported and one.reported["reading"].value > 30
    ]


def banded(present: State, _now: int) -> list[RuleRow]:
    """Every sensor is warm or cold."""
    return [
        row(
            "hot", one.id, premises=[(one.id, "reading")], mode="warm" if one.reported["reading"].value > 30 else "cold"
        )
        for one in present.entities.values()
        if one.type == "sensor" and "reading" in one.reported
    ]


def silent(present: State, _now: int) -> list[RuleRow]:
    """A sensor that says nothing: something is missing, so nothing but the sensor itself is a premise."""
    return [
        row("hot", one.id, premises=[(one.id, "@type")], mode="silent")
        for one in present.entities.values()
        if one.type == "sensor" and "reading" not in one.reported
    ]


@dataclass
class Ruled:
    """A world in memory under rules, written as a sync writes it."""

    stand_ins: Mapping[str, Any]
    rules: Sequence[Rule] = field(default_factory=lambda: [rule("hot", writes=["mode"])])
    store: MemoryStore = field(init=False)
    runs: int = 0

    def __post_init__(self) -> None:
        self.store = MemoryStore(SteppingClock(), self.stand_ins)
        self.config = twin(WORLD)

    async def hear(self, *facts: Fact, at: int) -> StateTransitionOut:
        """One commit of the facts and of what the rules make of them."""
        await self.store.create_world(self.config, NOON)
        self.runs += 1
        run = f"run-{self.runs}"
        lease = await self.store.acquire(WORLD, run, ttl=DAY * 10**4)
        try:
            async with self.store.begin(lease) as transaction:
                await transaction.write(Draft(now=at, facts=facts))
                texts = stratify(self.rules)
                done = await state_transition(transaction, texts, Policy(self.config), now=at, valid=at, run=run)
                await transaction.commit(run, run)
        finally:
            await self.store.release(lease)
        return done

    async def mode(self, valid: int | None = None) -> Any:
        """What the rule says at the head, about an instant."""
        head = await self.store.head(WORLD)
        found = await self.store.entity(WORLD, "bus:t1", At(head.valid if valid is None else valid, head.seq))
        held = found[0].reported.get("mode") if found else None
        return held.value if held else None

    async def facts(self) -> list[Fact]:
        """The facts of the derived value, oldest first."""
        record = derived_record("hot", "bus:t1")
        history = await self.store.history(WORLD, "bus:t1", "mode", limit=100)
        return [fact for fact in history[::-1] if fact.record == record]


def reading(value: float, at: int) -> Fact:
    return say("bus:t1", "reading", value, at)


async def test_what_a_rule_returns_is_valid_from_its_newest_premise():
    world = Ruled({"hot": hot})

    await world.hear(born("bus:t1"), reading(40, NOON), at=NOON + 5 * MINUTE)

    (fact,) = await world.facts()
    assert (fact.value, fact.valid_from, fact.kind, fact.source) == ("alarm", NOON, "inference", "rule")
    assert await world.mode() == "alarm"


async def test_what_still_holds_is_not_written_again():
    world = Ruled({"hot": hot})
    await world.hear(born("bus:t1"), reading(40, NOON), at=NOON)

    done = await world.hear(reading(41, NOON + MINUTE), at=NOON + MINUTE)

    assert done.facts == 0
    assert len(await world.facts()) == 1


async def test_what_a_rule_says_differently_changes_from_its_new_premise():
    world = Ruled({"hot": banded})
    await world.hear(born("bus:t1"), reading(40, NOON), at=NOON)

    await world.hear(reading(20, NOON + MINUTE), at=NOON + 2 * MINUTE)

    assert [(fact.value, fact.valid_from) for fact in await world.facts()] == [("warm", NOON), ("cold", NOON + MINUTE)]
    assert (await world.mode(NOON), await world.mode(NOON + MINUTE)) == ("warm", "cold")


async def test_what_no_row_says_any_more_ends_with_that_version():
    world = Ruled({"hot": hot})
    await world.hear(born("bus:t1"), reading(40, NOON), at=NOON)

    await world.hear(reading(20, NOON + MINUTE), at=NOON + 3 * MINUTE)

    assert await world.mode() is None
    assert await world.mode(NOON + 2 * MINUTE) == "alarm"  # the past of a derivation is what the rules said then


async def test_what_ended_and_holds_again_by_a_newer_premise_begins_there():
    world = Ruled({"hot": hot})
    await world.hear(born("bus:t1"), reading(40, NOON), at=NOON)
    await world.hear(reading(20, NOON + MINUTE), at=NOON + 2 * MINUTE)

    await world.hear(reading(50, NOON + 5 * MINUTE), at=NOON + 6 * MINUTE)

    assert (await world.mode(NOON + 4 * MINUTE), await world.mode(NOON + 5 * MINUTE)) == (None, "alarm")


async def test_what_is_missing_again_begins_with_its_version_and_leaves_the_gap_as_it_was():
    world = Ruled({"hot": silent})
    await world.hear(born("bus:t1"), at=NOON)
    await world.hear(reading(20, NOON + MINUTE), at=NOON + MINUTE)

    await world.hear(say("bus:t1", "reading", None, NOON + 5 * MINUTE, op="end"), at=NOON + 5 * MINUTE)

    assert await world.mode() == "silent"
    assert await world.mode(NOON + 3 * MINUTE) is None


async def test_a_late_premise_withdraws_what_it_makes_untrue_and_starts_earlier():
    world = Ruled({"hot": banded})
    await world.hear(born("bus:t1"), reading(40, NOON + 10 * MINUTE), at=NOON + 10 * MINUTE)

    never_said = say("bus:t1", "reading", None, NOON + 10 * MINUTE, op="withdraw", position=2**59)
    await world.hear(never_said, reading(40, NOON + 2 * MINUTE), at=NOON + 11 * MINUTE)

    told = [(fact.op, fact.valid_from - NOON) for fact in await world.facts()]
    assert (await world.mode(NOON + MINUTE), await world.mode(NOON + 2 * MINUTE)) == (None, "warm")
    assert told == [("assert", 2 * MINUTE), ("assert", 10 * MINUTE), ("withdraw", 10 * MINUTE)]


async def test_after_coming_back_a_derivation_is_at_rest():
    world = Ruled({"hot": hot})
    await world.hear(born("bus:t1"), reading(40, NOON), at=NOON)
    await world.hear(reading(20, NOON + MINUTE), at=NOON + 2 * MINUTE)
    await world.hear(reading(50, NOON + 5 * MINUTE), at=NOON + 6 * MINUTE)

    done = await world.hear(reading(51, NOON + 7 * MINUTE), at=NOON + 7 * MINUTE)

    assert done.facts == 0


async def test_a_premise_that_moves_back_after_a_return_is_seen_from_there():
    world = Ruled({"hot": banded})
    await world.hear(born("bus:t1"), reading(40, NOON), at=NOON)
    await world.hear(say("bus:t1", "reading", None, NOON + MINUTE, op="end"), at=NOON + MINUTE)
    await world.hear(reading(50, NOON + 8 * MINUTE), at=NOON + 8 * MINUTE)

    never_said = say("bus:t1", "reading", None, NOON + 8 * MINUTE, op="withdraw", position=2**59)
    await world.hear(never_said, reading(50, NOON + 4 * MINUTE), at=NOON + 9 * MINUTE)

    assert [await world.mode(NOON + minute * MINUTE) for minute in (0, 2, 4, 6, 9)] == [
        "warm",
        None,
        "warm",
        "warm",
        "warm",
    ]


async def test_a_finding_is_carried_like_a_value():
    def found(present: State, _now: int) -> list[RuleRow]:
        return [RuleRow("hot", one, {}, (), {"message": "too hot"}, ()) for one in present.entities]

    world = Ruled({"hot": found}, [rule("hot")])

    await world.hear(born("bus:t1"), at=NOON)

    entity = await world.store.entity(WORLD, "bus:t1")
    assert entity
    assert entity[0].reported["finding:hot"].value == {"message": "too hot"}


async def test_an_edge_is_derived_to_the_founding_record_of_its_object():
    def fed(present: State, _now: int) -> list[RuleRow]:
        if "bus:t2" not in present.entities:
            return []
        return [RuleRow("hot", "bus:t1", {}, (("depends_on", "bus:t2"), ("located_in", "zone")), None, ())]

    world = Ruled({"hot": fed}, [rule("hot", writes=["depends_on", "located_in"])])

    await world.hear(born("bus:t1"), born("bus:t2"), at=NOON)

    edges = {key[1:] for key in (await world.store.state(WORLD)).edges}
    assert edges == {("bus:t1", "depends_on", "bus:t2")}  # there is no zone


async def test_a_row_about_a_thing_that_does_not_exist_derives_nothing():
    world = Ruled({"hot": lambda _present, _now: [row("hot", "ghost", mode="alarm")]})

    done = await world.hear(born("bus:t1"), at=NOON)

    assert done.facts == 0
    assert "ghost" not in (await world.store.state(WORLD)).entities


async def test_a_rule_that_derives_what_it_does_not_declare_is_refused_and_writes_nothing():
    world = Ruled({"hot": hot}, [rule("hot", writes=["level"])])

    with pytest.raises(RuleRefused, match=r"derives 'mode' about bus:t1") as refused:
        await world.hear(born("bus:t1"), reading(40, NOON), at=NOON)

    assert "writes: [level, mode]" in refused.value.hint
    assert (await world.store.head(WORLD)).seq == 0


async def test_a_rule_of_a_later_stratum_sees_what_an_earlier_one_derived():
    def louder(present: State, _now: int) -> list[RuleRow]:
        return [
            row("siren", one.id, premises=[(one.id, "mode")], level=1)
            for one in present.entities.values()
            if "mode" in one.reported and one.reported["mode"].value == "alarm"
        ]

    rules = [rule("siren", writes=["level"], reads=["mode"]), rule("hot", writes=["mode"])]
    world = Ruled({"hot": hot, "siren": louder}, rules)

    await world.hear(born("bus:t1"), reading(40, NOON), at=NOON)

    entity = await world.store.entity(WORLD, "bus:t1")
    assert entity
    assert entity[0].reported["level"].value == 1


async def test_the_same_facts_in_one_commit_or_in_many_derive_the_same_state():
    once, often = Ruled({"hot": hot}), Ruled({"hot": hot})
    facts = [born("bus:t1"), reading(20, NOON), reading(40, NOON + MINUTE)]
    await once.hear(*facts, at=NOON + MINUTE)
    for fact in facts:
        await often.hear(fact, at=NOON + MINUTE)

    assert (await once.store.head(WORLD)).hash == (await often.store.head(WORLD)).hash


async def test_a_finding_does_not_keep_a_thing_in_the_world_that_its_source_has_let_go_of():
    def silent_ones(present: State, _now: int) -> list[RuleRow]:
        return [
            RuleRow("hot", one.id, {}, (), {"message": "says nothing"}, ((one.id, "@type"),))
            for one in present.entities.values()
            if one.type == "sensor" and "reading" not in one.reported
        ]

    world = Ruled({"hot": silent_ones})
    await world.hear(born("book:t1"), born("book:t2"), roster("book", ["t1", "t2"], NOON), at=NOON)

    for round_ in (1, 2):
        at = NOON + round_ * MINUTE
        done = await world.hear(roster("book", ["t2"], at), at=at)

    assert {row.subject for row in done.rows} == {"book:t2"}
    assert set((await world.store.state(WORLD)).entities) == {"book:t2"}


async def test_a_thing_that_comes_back_has_its_finding_again():
    def all_of_them(present: State, _now: int) -> list[RuleRow]:
        return [row("hot", one.id, mode="seen") for one in present.entities.values() if one.type == "sensor"]

    world = Ruled({"hot": all_of_them})
    await world.hear(born("book:t1"), roster("book", ["t1"], NOON), at=NOON)
    for minutes in (1, 2):
        at = NOON + minutes * MINUTE
        await world.hear(roster("book", ["t9"], at), at=at)

    await world.hear(roster("book", ["t1"], NOON + 3 * MINUTE), at=NOON + 3 * MINUTE)

    entity = await world.store.entity(WORLD, "book:t1")
    assert entity
    assert entity[0].reported["mode"].value == "seen"


@pytest.mark.parametrize(
    ("values", "finding"),
    [({"mode": float("nan")}, None), ({"mode": [float("inf")]}, None), (5, None), ({}, "a text")],
)
async def test_a_row_that_can_not_become_facts_is_refused_and_writes_nothing(values: Any, finding: Any):
    odd = RuleRow("hot", "bus:t1", values, (), finding, ())
    world = Ruled({"hot": lambda _present, _now: [odd]})

    with pytest.raises(RuleRefused, match=r"rule hot .* about bus:t1"):
        await world.hear(born("bus:t1"), at=NOON)

    assert (await world.store.head(WORLD)).seq == 0


def test_rules_run_after_those_that_write_what_they_read():
    texts = stratify([rule("c", reads=["b"]), rule("b", reads=["mode"]), rule("a", writes=["mode"])])

    assert [(text.id, text.stratum) for text in texts] == [("a", 0), ("b", 1), ("c", 2)]


def test_a_rule_may_wait_for_the_finding_of_another():
    texts = stratify([rule("a", reads=["finding:b"]), rule("b")])

    assert [text.id for text in texts] == ["b", "a"]


def test_the_transitions_of_one_machine_share_a_stratum_after_what_they_read_and_before_who_reads_the_state():
    step = {"variable": "mode", "from": "idle", "to": "on"}
    moving = [
        Rule.model_validate({"id": name, "cypher": "RETURN 1", "reads": reads, "transition": step})
        for name, reads in (("b", ["mode"]), ("z", ["load"]))
    ]

    texts = stratify([*moving, rule("a", reads=["mode"]), rule("y", writes=["load"])])

    assert [(text.id, text.stratum, text.kind) for text in texts] == [
        ("y", 0, "derivation"),
        ("b", 1, "transition"),
        ("z", 1, "transition"),
        ("a", 2, "derivation"),
    ]


@pytest.mark.parametrize(
    "rules",
    [
        [rule("a", writes=["x"], reads=["y"]), rule("b", writes=["y"], reads=["x"])],
        [rule("a", writes=["x"], reads=["x"])],
        [rule("a", reads=["a"])],
    ],
)
def test_rules_that_read_what_they_derive_themselves_are_refused(rules: list[Rule]):
    with pytest.raises(ConfigurationError, match="derive") as refused:
        stratify(rules)

    assert "a" in str(refused.value)
    assert refused.value.hint


@pytest.mark.parametrize("name", ["@type", "@entity", "@roster", "", "mode\x1flevel"])
def test_a_rule_can_not_derive_what_a_record_is_or_whose_it_is_or_what_has_no_name(name: str):
    with pytest.raises(ConfigurationError, match="rule a may not derive") as refused:
        stratify([rule("a", writes=["mode", name])])

    assert refused.value.hint


def test_a_rule_that_is_switched_off_neither_runs_nor_orders():
    texts = stratify([rule("a", writes=["x"], reads=["y"]), rule("b", writes=["y"], reads=["x"], enabled=False)])

    assert [text.id for text in texts] == ["a"]
