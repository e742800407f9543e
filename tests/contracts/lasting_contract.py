"""Rules with `for:` in a commit: what has held long enough becomes a finding, by the facts as they are known now (S23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.scene import MINUTE, NOON, Scene, born, decide, say

from graphtwin.methods.rules.derivation import finding_name
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Draft, RuleText
from graphtwin.model.fact import Fact
from graphtwin.model.state import State
from graphtwin.steps.state_transition import StateTransitionOut, state_transition

A = "bus:a"
TOO_WARM = RuleText(
    id="too-warm",
    cypher="""
        MATCH (sensor:Sensor {world: $world})
        RETURN sensor.id AS subject, 'reading' AS variable, '>=' AS op,
               [sensor.id, 'reading_desired'] AS reference, 1.5 AS margin
    """,
    kind="held",
    lasting=10 * MINUTE,
)
BUSY = RuleText(
    id="busy",
    cypher="""
        MATCH (sensor:Sensor {world: $world})
        WHERE sensor.mode = 'on'
        RETURN sensor.id AS subject, 'mode' AS variable, '=' AS op, 'on' AS reference, null AS margin
    """,
    kind="held",
    lasting=5 * MINUTE,
)


def too_warm_rows(present: State, _now: int) -> Sequence[Mapping[str, Any]]:
    """What TOO_WARM returns, in Python."""
    return [
        {"subject": one.id, "variable": "reading", "op": ">=", "reference": [one.id, "reading_desired"], "margin": 1.5}
        for one in present.entities.values()
        if one.type == "sensor"
    ]


def busy_rows(present: State, _now: int) -> Sequence[Mapping[str, Any]]:
    """What BUSY returns, in Python."""
    return [
        {"subject": one.id, "variable": "mode", "op": "=", "reference": "on", "margin": None}
        for one in present.entities.values()
        if one.type == "sensor" and "mode" in one.reported and one.reported["mode"].value == "on"
    ]


LASTING_STAND_INS = {"too-warm": too_warm_rows, "busy": busy_rows}


async def ruled(scene: Scene, *facts: Fact, minute: int, rules: Sequence[RuleText] = (TOO_WARM,)) -> StateTransitionOut:
    """One commit at a minute after noon: the facts, and what the rules make of them."""
    assert scene.lease is not None
    now = NOON + minute * MINUTE
    async with scene.store.begin(scene.lease) as transaction:
        changed = await transaction.write(Draft(now=now, facts=facts))
        valid = max(now, transaction.head.valid)
        run = f"run-{minute}-{transaction.head.seq}"
        done = await state_transition(
            transaction, rules, Policy(scene.config), now=now, valid=valid, run=run, changed=changed
        )
        await transaction.commit(run, run)
    return done


def wish(value: float, minute: int = 0) -> Fact:
    return say(A, "reading", value, NOON + minute * MINUTE, layer="desired", source="plans")


def read(value: float, minute: int) -> Fact:
    return say(A, "reading", value, NOON + minute * MINUTE)


class LastingContract:
    async def test_what_has_held_for_the_whole_time_is_a_finding_and_not_a_moment_before_s23(self, scene: Scene):
        begun = await ruled(scene, born(A), wish(22), read(20, 0), read(23.5, 2), minute=2)
        soon = await ruled(scene, read(24, 11), minute=11)
        held = await ruled(scene, minute=12)

        assert (begun.rows, soon.rows) == ((), ())
        assert [row.subject for row in held.rows] == [A]
        assert held.rows[0].finding is not None
        assert held.rows[0].finding["message"] == (
            f"{A} reading is 24, at least 1.5 above its reading_desired of 22, for more than 10 minutes"
        )
        assert await scene.value(A, finding_name("too-warm")) == held.rows[0].finding

    async def test_the_finding_is_valid_from_when_it_had_held_long_enough_s23(self, scene: Scene):
        await ruled(scene, born(A), wish(22), read(23.5, 0), minute=0)
        await ruled(scene, minute=14)

        found = (await scene.seen(A)).reported[finding_name("too-warm")]

        assert found.valid_from == NOON + 10 * MINUTE

    async def test_it_ends_with_the_version_in_which_it_no_longer_holds_s23(self, scene: Scene):
        await ruled(scene, born(A), wish(22), read(23.5, 0), minute=10)
        again = await ruled(scene, read(20, 15), minute=15)

        assert again.rows == ()
        assert await scene.value(A, finding_name("too-warm")) is None

    async def test_a_late_reading_breaks_it_and_a_correction_mends_it_s23(self, scene: Scene):
        first = await ruled(scene, born(A), wish(22), read(23.5, 0), read(24, 9), minute=12)
        late = await ruled(scene, read(21, 6), minute=12)
        fixed = await ruled(
            scene, decide(A, "reading", None, NOON + 6 * MINUTE, event="wrong", op="withdraw"), minute=12
        )

        assert [len(one.rows) for one in (first, late, fixed)] == [1, 0, 1]

    async def test_the_reference_is_compared_as_it_was_at_each_instant_s23(self, scene: Scene):
        moved = await ruled(scene, born(A), wish(23), wish(22, 5), read(23.5, 0), minute=12)
        later = await ruled(scene, minute=15)

        assert (len(moved.rows), len(later.rows)) == (0, 1)

    async def test_a_silence_longer_than_valid_for_is_a_gap_s23(self, scene: Scene):
        declared = {"sensor": {"variables": {"reading": {"valid_for": "4m"}}}}
        kept = await Scene.make(scene.store, scene.world + "-kept", types=declared)
        told = [read(24, minute) for minute in (0, 4, 8)]

        whole = await ruled(kept, born(A), wish(22), *told, read(24, 12), minute=12)
        gone = await ruled(kept, minute=17)
        back = await ruled(kept, read(24, 18), minute=18)

        assert [len(one.rows) for one in (whole, gone, back)] == [1, 0, 0]

    async def test_words_can_last_too_and_a_restated_one_goes_on_s23(self, scene: Scene):
        def on(minute: int) -> Fact:
            return say(A, "mode", "on", NOON + minute * MINUTE)

        first = await ruled(scene, born(A), on(0), on(3), minute=4, rules=[BUSY])
        second = await ruled(scene, on(5), minute=5, rules=[BUSY])

        assert (len(first.rows), len(second.rows)) == (0, 1)

    async def test_what_still_holds_is_not_written_again_s22(self, scene: Scene):
        await ruled(scene, born(A), wish(22), read(23.5, 0), minute=10)

        again = await ruled(scene, minute=20)

        assert (len(again.rows), again.facts) == (1, 0)
        assert (await scene.store.verify(scene.world)).problems == ()
