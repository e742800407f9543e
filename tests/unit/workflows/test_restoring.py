"""A run's decisions, or everything since a version, are taken back in a commit that says so (S31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from contracts.machines_contract import MACHINE_STAND_INS, START, TYPES
from contracts.scene import (
    DAY,
    HOT,
    MINUTE,
    NOON,
    SECOND,
    STAND_INS,
    TTL,
    SteppingClock,
    born,
    decide,
    roster,
    say,
    twin,
)
from fakes.no_log import NoLog
from fakes.person import Person

from graphtwin.errors import Conflict, HeadMoved, NotFound
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import AuditRecord, Draft, RuleText
from graphtwin.model.fact import Fact
from graphtwin.model.plan import RestorePoint
from graphtwin.model.principal import Role
from graphtwin.model.state import EntityState
from graphtwin.steps.state_transition import state_transition
from graphtwin.store.memory import MemoryStore
from graphtwin.workflows.restoring import (
    Restored,
    Word,
    preview_restore,
    restore_run,
    restore_to,
    version_to_restore,
)

A, B = "bus:a", "book:b"
RULES = (replace(HOT, writes=frozenset({"mode"})),)


@dataclass(frozen=True)
class StandingClock:
    """A clock that a test sets."""

    at: int

    def now(self) -> int:
        return self.at


@dataclass
class Plant:
    """A world in memory that is written to and rolled back; `rules` run after each commit."""

    store: MemoryStore = field(default_factory=lambda: MemoryStore(SteppingClock(), STAND_INS))
    rules: tuple[RuleText, ...] = ()
    now: int = NOON
    config: Any = field(default_factory=lambda: twin("plant"))
    person: Person = field(default_factory=lambda: Person("plant", "anna", Role.APPROVER, NOON))

    async def write(self, *facts: Fact, run: str = "", **draft: Any) -> None:
        head = await self.store.create_world(self.config, NOON)
        run = run or f"run-{head.seq}"
        self.now = draft.pop("now", self.now)
        lease = await self.store.acquire("plant", run, ttl=TTL)
        async with self.store.begin(lease) as transaction:
            await transaction.write(Draft(self.now, facts, **draft))
            await transaction.record(() if head.seq else self.person.added())
            valid = max(
                [head.valid, self.now, *(one.valid_from for one in facts if one.valid_from < self.now + 30 * SECOND)]
            )
            await state_transition(transaction, self.rules, Policy(self.config), now=self.now, valid=valid, run=run)
            await transaction.commit(run, run)
        await self.store.release(lease)

    @property
    def word(self) -> Word:
        return Word(self.config, self.rules, "anna", "a test", self.person.sign)

    @property
    def clock(self) -> StandingClock:
        return StandingClock(self.now)

    async def point(self, seq: int, run: str = "back") -> RestorePoint:
        return await version_to_restore(self.store, "plant", seq, run=run)

    async def back_to(self, seq: int, run: str = "back") -> Restored:
        return await restore_to(self.store, NoLog(), await self.point(seq, run), self.word, clock=self.clock)

    async def undo(self, run: str, seq: int) -> Restored:
        return await restore_run(self.store, NoLog(), await self.point(seq), run, self.word, clock=self.clock)

    async def entity(self, entity: str = A) -> EntityState | None:
        found = await self.store.entity("plant", entity)
        return found[0] if found else None

    async def values(self, entity: str = A) -> Mapping[str, Any]:
        found = await self.entity(entity)
        return {name: held.value for name, held in found.reported.items()} if found else {}

    async def last_record(self) -> AuditRecord:
        return (await self.store.audit("plant"))[-1]


async def test_a_runs_wishes_go_and_what_sources_said_in_it_stays_s31():
    plant = Plant()
    await plant.write(born(A), say(A, "reading", 20), decide(A, "reading", 18, layer="desired", event="model"))
    before = await plant.store.head("plant")
    await plant.write(
        decide(A, "reading", 15, NOON, layer="desired", event="act", run="act-1"),
        decide(A, "level", 3, NOON, layer="expected", event="act", run="act-1:predicted"), run="act-1",
    )  # fmt: skip
    await plant.write(say(A, "mode", "seen", run="act-1"), run="another")

    restored = await plant.undo("act-1", before.seq)

    found = await plant.entity()
    assert found
    assert ({n: h.value for n, h in found.desired.items()}, dict(found.expected)) == ({"reading": 18}, {})
    assert await plant.values() == {"reading": 20, "mode": "seen"}
    assert (restored.cells, [commit.run for commit in restored.between]) == (2, ["another"])
    assert restored.differs == ("others committed since v1: v3",)


async def test_the_hash_is_the_restore_points_when_nobody_else_committed_s31():
    plant = Plant()
    await plant.write(born(A), say(A, "reading", 20))
    point = await plant.point(1)
    await plant.write(decide(A, "reading", 15, layer="desired", event="act", run="act-1"), run="act-1")

    restored = await plant.undo("act-1", 1)

    assert (restored.hash_after, restored.differs, restored.between) == (point.hash, (), ())
    assert restored.commit
    assert (restored.commit.seq, restored.commit.run) == (3, "act-1:rollback:v1")
    assert restored.hash_before == (await plant.store.commits("plant", after=1, limit=1))[0].hash


async def test_doing_it_again_answers_the_same_and_writes_nothing_s31():
    plant = Plant()
    await plant.write(born(A))
    await plant.write(decide(A, "reading", 15, layer="desired", event="act", run="act-1"), run="act-1")
    await plant.write(say(A, "reading", 15))

    once, again = await plant.undo("act-1", 1), await plant.undo("act-1", 1)
    back, back_again = await plant.back_to(1), await plant.back_to(1)

    for first, second in ((once, again), (back, back_again)):
        assert second == replace(first, changes=None)
    assert (await plant.store.head("plant")).seq == 5


async def test_a_later_act_of_the_same_run_is_rolled_back_by_itself_s31():
    plant = Plant()
    await plant.write(born(A))
    await plant.write(decide(A, "reading", 15, layer="desired", event="one", run="act-1"), run="act-1:1")
    await plant.undo("act-1", 1)
    await plant.write(decide(A, "reading", 16, layer="desired", event="two", run="act-1"), run="act-1:2")

    restored = await plant.undo("act-1", 3)

    assert (restored.cells, restored.differs) == (1, ())
    assert (await plant.store.verify("plant")).problems == ()


async def test_what_somebody_decided_on_top_of_a_run_stands_s31():
    plant = Plant()
    await plant.write(born(A))
    await plant.write(decide(A, "reading", 15, layer="desired", event="act", run="act-1"), run="act-1")
    await plant.write(decide(A, "reading", 17, layer="desired", event="person"), run="correct-1")

    restored = await plant.undo("act-1", 1)

    found = await plant.entity()
    assert found
    assert (restored.cells, found.desired["reading"].value) == (0, 17)


async def test_a_rollback_to_a_version_takes_back_what_was_observed_and_history_keeps_it_s31():
    plant = Plant()
    await plant.write(born(A), say(A, "reading", 20))
    await plant.write(say(A, "reading", 25, NOON + MINUTE), born("bus:new"), now=NOON + MINUTE)

    restored = await plant.back_to(1)

    assert await plant.values() == {"reading": 20}
    assert await plant.entity("bus:new") is None
    assert restored.changes
    assert [(one.before.value, one.after.value) for one in restored.changes.values if one.before and one.after] == [
        (25, 20)
    ]
    told = await plant.store.history("plant", A, "reading")
    assert [(fact.value, fact.op) for fact in told] == [(None, "withdraw"), (25, "assert"), (20, "assert")]


async def test_a_newer_observation_takes_over_after_a_rollback_s31():
    plant = Plant()
    await plant.write(born(A), say(A, "reading", 20))
    await plant.write(say(A, "reading", 25, NOON + MINUTE), now=NOON + MINUTE)
    await plant.back_to(1)

    await plant.write(say(A, "reading", 26, NOON + MINUTE + 1), now=NOON + 2 * MINUTE)

    assert await plant.values() == {"reading": 26}


async def test_what_is_said_again_is_explained_as_it_was_s31():
    plant = Plant()
    await plant.write(born(A), say(A, "reading", 20, event="e-1", confidence=0.7))
    (was,) = await plant.store.claims("plant", A, "reading")
    await plant.write(decide(A, "reading", 21, event="wrong"))

    await plant.back_to(1)

    (now,) = await plant.store.claims("plant", A, "reading")
    assert (now.score, now.reason) == (was.score, was.reason)
    assert now.fact._replace(id="", prio=0, seq=0, run="") == was.fact._replace(id="", prio=0, seq=0, run="")


async def test_the_audit_chain_says_who_went_back_where_and_commits_to_the_facts_s31():
    plant = Plant()
    await plant.write(born(A), say(A, "reading", 20))
    await plant.write(say(A, "reading", 25, NOON + MINUTE), now=NOON + MINUTE)

    restored = await plant.back_to(1)

    record, found = await plant.last_record(), await plant.store.verify("plant")
    assert (record.kind, record.run) == ("restore", "back")
    assert record.body["facts"]["count"] == restored.cells == 1
    assert {name: record.body[name] for name in ("principal", "reason", "restore_point", "undone")} == {
        "principal": "anna", "reason": "a test", "restore_point": "v1", "undone": "",
    }  # fmt: skip
    assert record.body["restored"] == {
        "hash_before": restored.hash_before, "hash_after": restored.hash_after, "restore_hash": restored.point.hash,
        "cells": 1, "between": ["v2"], "differs": [],
    }  # fmt: skip
    assert found.problems == ()


async def test_where_nothing_differs_there_is_a_record_and_no_version_s31():
    plant = Plant()
    await plant.write(born(A))

    restored = await plant.back_to(1)

    assert (restored.commit, restored.cells, restored.differs) == (None, 0, ())
    assert ((await plant.store.head("plant")).seq, (await plant.last_record()).kind) == (1, "restore")


async def test_looking_first_writes_nothing_and_says_what_would_be_done_s31():
    plant = Plant(rules=RULES)
    await plant.write(born(A), say(A, "reading", 20))
    await plant.write(say(A, "reading", 40, NOON + MINUTE), now=NOON + MINUTE)
    before = await plant.store.head("plant")

    seen = await preview_restore(plant.store, await plant.point(1), plant.word, clock=plant.clock)

    after = await plant.store.head("plant")
    assert replace(after, epoch=0) == replace(before, epoch=0)
    assert seen == replace(await plant.back_to(1), commit=None)


async def test_a_rollback_that_was_looked_at_is_refused_when_somebody_committed_meanwhile():
    plant = Plant()
    await plant.write(born(A))
    await plant.write(say(A, "reading", 25))

    with pytest.raises(HeadMoved, match="is at v2 now, and v1 was looked at"):
        await restore_to(plant.store, NoLog(), await plant.point(1), plant.word, clock=plant.clock, seen=1)


async def test_a_rollback_under_another_configuration_than_the_heads_is_refused_s9():
    plant = Plant()
    await plant.write(born(A))
    word = replace(plant.word, config=twin("plant", trust={"min_trust": 0.5}))

    with pytest.raises(Conflict, match="configuration"):
        await restore_to(plant.store, NoLog(), await plant.point(1), word, clock=plant.clock)


async def test_a_version_that_is_not_there_can_not_be_gone_back_to():
    plant = Plant()
    await plant.write(born(A))

    with pytest.raises(NotFound, match="no version v7"):
        await plant.point(7)


async def test_what_fell_due_since_is_named_s31():
    plant = Plant()
    await plant.write(born("plans:a"), say("plans:a", "reading", 5, NOON + 10 * MINUTE))
    await plant.write(now=NOON + DAY)

    restored = await plant.back_to(1)

    assert await plant.values("plans:a") == {"reading": 5}
    assert restored.differs == ("1 planned facts fell due since v1",)


async def test_a_configuration_that_was_changed_since_is_named_and_stays_s31():
    plant = Plant()
    await plant.write(
        born(A), born(B), say(A, "level", 4), say(B, "level", 8), decide(B, "@entity", A, -(2**62), event="one thing")
    )
    plant.config = twin("plant", trust={"sources": {"bus": 0.2}})
    await plant.write(configuration=plant.config.normalised())

    restored = await plant.back_to(1)

    assert restored.differs == ("the configuration was changed since v1, and stays as it is",)
    assert (await plant.store.head("plant")).configuration == plant.config.hash()


async def test_restoring_what_lies_ahead_does_not_draw_the_worlds_clock_s4():
    plant = Plant()
    await plant.write(born("plans:a"), say("plans:a", "level", 1, NOON + 10 * MINUTE + 20 * SECOND))
    point = await plant.point(1)
    wish = decide("plans:a", "reading", 5, NOON + 10 * MINUTE + 25 * SECOND, layer="desired", event="act", run="act-1")
    await plant.write(wish, run="act-1")
    plant.now = NOON + 10 * MINUTE

    restored = await plant.undo("act-1", 1)

    assert (await plant.store.head("plant")).valid == NOON + 10 * MINUTE
    assert restored.hash_after == point.hash


async def test_rules_run_on_what_is_restored_s22():
    plant = Plant(rules=RULES)
    await plant.write(born(A), say(A, "reading", 40))
    await plant.write(say(A, "reading", 20, NOON + MINUTE), now=NOON + MINUTE)
    calm = await plant.values()

    restored = await plant.back_to(1)

    assert ("mode" in calm, (await plant.values())["mode"]) == (False, "alarm")
    assert restored.differs == ()


async def test_what_a_rule_derived_keeps_its_age_against_a_claim_when_it_comes_back_s31():
    """Left to the rules alone it would begin anew, be the fresher claim, and win where it had lost."""
    plant = Plant(rules=RULES)
    derived_at, claimed_at = NOON, NOON + 40 * DAY
    await plant.write(born(A), say(A, "reading", 40, derived_at))
    await plant.write(born("notes:a"), decide("notes:a", "@entity", A, -(2**62), event="one thing"),
                      say("notes:a", "mode", "asleep", claimed_at), now=claimed_at)  # fmt: skip
    point = await plant.point(2)
    await plant.write(say(A, "reading", 20, claimed_at + DAY), now=claimed_at + DAY)
    plant.now = claimed_at + 100 * DAY

    restored = await plant.back_to(2)

    assert (await plant.values())["mode"] == "asleep"
    assert (restored.hash_after, restored.differs) == (point.hash, ())


async def test_what_a_rule_derived_that_was_taken_out_does_not_come_back_s31():
    plant = Plant(rules=RULES)
    await plant.write(born(A), say(A, "reading", 40))
    ended = decide(
        f"rule:hot/{A}", "mode", None, NOON + MINUTE, op="end", event="apply", source="rule", kind="inference"
    )
    plant.rules = ()
    await plant.write(ended, say(A, "level", 2), now=NOON + MINUTE)

    await plant.back_to(1)

    assert "mode" not in await plant.values()


async def test_a_roster_that_came_since_retires_nobody_any_more_s31():
    plant = Plant()
    await plant.write(born(B), born("book:c"), say(B, "level", 1), say("book:c", "level", 1))
    point = await plant.point(1)
    for minute in (1, 2):
        await plant.write(roster("book", ["c"], NOON + minute * MINUTE), now=NOON + minute * MINUTE)
    gone = await plant.entity(B)

    restored = await plant.back_to(1)

    assert gone is None
    assert await plant.entity(B)
    assert restored.hash_after == point.hash


async def test_a_claim_that_came_into_a_cell_decided_before_stays_a_sign_of_life_s31():
    """The one thing that can't be taken back: nothing is left to say of the cell, whose winner never changed."""
    plant = Plant()
    await plant.write(born(B), decide(B, "level", 1, NOON + 5 * MINUTE, event="person"))
    for minute in (2, 3):
        await plant.write(roster("book", ["c"], NOON + minute * MINUTE), now=NOON + 5 * MINUTE)
    retired = await plant.entity(B)
    await plant.write(say(B, "level", 2, NOON + 5 * MINUTE))

    restored = await plant.back_to(3)

    assert (retired, await plant.values(B)) == (None, {"level": 1})
    assert restored.differs == ("what sources said since v3 stays a sign of life (S24)",)


async def test_a_state_machine_goes_back_too_and_the_rollback_itself_moves_none_s31():
    plant = Plant(MemoryStore(SteppingClock(), MACHINE_STAND_INS), config=twin("plant", types=TYPES))
    await plant.write(born(A), say(A, "mode", "idle"), say(A, "reading", 31))
    before = (await plant.store.head("plant")).hash
    plant.rules = (START,)
    await plant.write(now=NOON + MINUTE)
    moved = await plant.values()

    restored = await plant.back_to(1)
    put_back = await plant.values()
    await plant.write(now=NOON + 2 * MINUTE)

    assert (moved["mode"], put_back["mode"], (await plant.values())["mode"]) == ("cooling", "idle", "cooling")
    assert (restored.hash_after, restored.differs) == (before, ())
    assert (await plant.store.verify("plant")).problems == ()
