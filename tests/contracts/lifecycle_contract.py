"""Rosters: what a source no longer names turns stale, then retires, and may come back (S24)."""

from __future__ import annotations

import pytest
from contracts.scene import MINUTE, NOON, Scene, belongs, born, decide, depends, roster, say

from graphtwin.model.fact import ROSTER, Op, roster_record
from graphtwin.model.state import At

A, B, OTHER = "book:a", "book:b", "bus:x"


async def listed(scene: Scene) -> None:
    """v1: the book names a and b; a depends on b, and a sensor outside the book on both."""
    await scene.write(
        born(A), born(B), born(OTHER), say(B, "mode", "on"), depends(A, B), depends(OTHER, B),
        roster("book", ["a", "b"], NOON), now=NOON,
    )  # fmt: skip


async def missed(scene: Scene, times: int) -> None:
    """Rosters that name only a, a minute apart."""
    for number in range(1, times + 1):
        at = NOON + number * MINUTE
        await scene.write(roster("book", ["a"], at), now=at)


class LifecycleContract:
    async def test_what_rosters_name_is_active_s24(self, scene: Scene):
        await listed(scene)

        assert (await scene.seen(B)).lifecycle == "active"
        assert (await scene.seen(OTHER)).lifecycle == "active"

    async def test_what_the_newest_roster_misses_is_stale_s24(self, scene: Scene):
        await listed(scene)

        changes = await scene.write(roster("book", ["a"], NOON + MINUTE), now=NOON + MINUTE)

        assert (await scene.seen(B)).lifecycle == "stale"
        assert (await scene.seen(B)).status == "stale"
        assert [(one.record, one.before, one.after) for one in changes.lifecycles] == [(B, "active", "stale")]
        assert [one.entity for one in changes.entities] == [B]
        assert (OTHER, "depends_on", B) in await scene.edges()

    async def test_what_two_rosters_miss_is_retired_with_its_relations_s24(self, scene: Scene):
        await listed(scene)

        await missed(scene, 2)

        assert await scene.store.entity(scene.world, B) is None
        assert await scene.edges() == set()
        assert {(one.reason, one.subject) for one in (await scene.state()).loose} == {
            ("dangling", A),
            ("dangling", OTHER),
        }

    async def test_a_retired_record_was_there_before_s24(self, scene: Scene):
        await listed(scene)
        await missed(scene, 2)

        assert (await scene.seen(B, await scene.at_head(NOON))).lifecycle == "active"
        assert (await scene.seen(B, await scene.at_head(NOON + MINUTE))).lifecycle == "stale"
        assert (await scene.seen(B, At(NOON + 9 * MINUTE, 1))).lifecycle == "active"

    async def test_the_next_roster_that_names_it_brings_it_back_s24(self, scene: Scene):
        await listed(scene)
        before = await scene.hash()
        await missed(scene, 2)

        changes = await scene.write(roster("book", ["a", "b"], NOON + 3 * MINUTE), now=NOON + 3 * MINUTE)

        assert (await scene.seen(B)).lifecycle == "active"
        assert await scene.hash() == before
        assert [(one.record, one.before, one.after) for one in changes.lifecycles] == [(B, "retired", "active")]

    async def test_its_next_claim_brings_it_back_s24(self, scene: Scene):
        await listed(scene)
        await missed(scene, 2)

        await scene.write(say(B, "mode", "off", NOON + 3 * MINUTE), now=NOON + 3 * MINUTE)

        assert (await scene.seen(B)).lifecycle == "active"
        assert await scene.value(B, "mode") == "off"
        assert (A, "depends_on", B) in await scene.edges()

    async def test_a_roster_that_comes_late_counts_at_its_own_time_s24(self, scene: Scene):
        await listed(scene)
        await scene.write(roster("book", ["a"], NOON + 2 * MINUTE), now=NOON + 2 * MINUTE)
        stale = (await scene.seen(B)).lifecycle

        await scene.write(roster("book", ["a"], NOON + MINUTE))

        assert stale == "stale"
        assert await scene.store.entity(scene.world, B) is None

    async def test_a_withdrawn_roster_retires_nothing_s24(self, scene: Scene):
        await listed(scene)
        before = await scene.hash()
        await missed(scene, 2)

        await scene.write(
            *(
                decide(roster_record("book"), ROSTER, None, NOON + number * MINUTE, op="withdraw", event=f"w{number}")
                for number in (1, 2)
            )
        )

        assert (await scene.seen(B)).lifecycle == "active"
        assert await scene.hash() == before

    async def test_a_late_claim_from_after_the_roster_keeps_its_record_active_s24(self, scene: Scene):
        await listed(scene)
        await scene.write(roster("book", ["a"], NOON + MINUTE), now=NOON + 5 * MINUTE)

        await scene.write(say(B, "mode", "still here", NOON + 2 * MINUTE))

        assert (await scene.seen(B)).lifecycle == "active"

    async def test_withdrawing_the_claim_that_kept_a_record_active_makes_it_stale_s24(self, scene: Scene):
        await listed(scene)
        await scene.write(roster("book", ["a"], NOON + MINUTE), now=NOON + 5 * MINUTE)
        await scene.write(say(B, "mode", "still here", NOON + 2 * MINUTE))

        await scene.write(decide(B, "mode", None, NOON + 2 * MINUTE, op="withdraw", event="w"))

        assert (await scene.seen(B)).lifecycle == "stale"

    @pytest.mark.parametrize("op", ["assert", "end"])
    async def test_correcting_the_claim_that_kept_a_record_active_leaves_it_active_s24(self, scene: Scene, op: Op):
        await listed(scene)
        await scene.write(roster("book", ["a"], NOON + MINUTE), now=NOON + 5 * MINUTE)
        await scene.write(say(B, "mode", "still here", NOON + 2 * MINUTE))
        corrected = "said wrongly" if op == "assert" else None

        changes = await scene.write(decide(B, "mode", corrected, NOON + 2 * MINUTE, op=op, event="corrected"))

        seen = await scene.seen(B)
        assert (seen.lifecycle, (await scene.seen(B, At(NOON + 5 * MINUTE, 4))).lifecycle) == ("active", "active")
        assert (await scene.seen(B, await scene.at_head(NOON + MINUTE))).lifecycle == "stale"
        assert changes.lifecycles == ()
        assert await scene.value(B, "mode") == corrected
        assert (await scene.store.verify(scene.world)).problems == ()

    async def test_a_claim_that_came_after_its_correction_counts_too_s24(self, scene: Scene):
        await listed(scene)
        await scene.write(roster("book", ["a"], NOON + MINUTE), now=NOON + 5 * MINUTE)
        for number in range(20):
            await scene.write(decide(B, "mode", f"fix {number}", NOON + 2 * MINUTE, event=f"corrected {number}"))
        before = (await scene.seen(B)).lifecycle

        changes = await scene.write(say(B, "mode", "still here", NOON + 2 * MINUTE))

        assert (before, (await scene.seen(B)).lifecycle) == ("stale", "active")
        assert [(one.record, one.after) for one in changes.lifecycles] == [(B, "active")]
        assert await scene.value(B, "mode") == "fix 19"

    async def test_a_decision_at_another_time_says_nothing_about_when_its_source_spoke_s24(self, scene: Scene):
        await listed(scene)
        await scene.write(roster("book", ["a"], NOON + MINUTE), now=NOON + 5 * MINUTE)

        await scene.write(decide(B, "mode", "told", NOON + 2 * MINUTE, event="told"))

        assert (await scene.seen(B)).lifecycle == "stale"

    async def test_a_planned_roster_counts_when_it_falls_due_s4(self, scene: Scene):
        await listed(scene)
        await scene.write(roster("book", ["a"], NOON + 10 * MINUTE))
        before = (await scene.seen(B)).lifecycle

        changes = await scene.write(now=NOON + 10 * MINUTE)

        assert before == "active"
        assert (await scene.seen(B)).lifecycle == "stale"
        assert [(one.record, one.after) for one in changes.lifecycles] == [(B, "stale")]

    async def test_an_entity_is_stale_only_when_all_its_records_are_s24(self, scene: Scene):
        await listed(scene)
        await scene.write(belongs(OTHER, B, event="merge"))

        await missed(scene, 1)
        together = (await scene.seen(B)).lifecycle
        await missed_again(scene)

        seen = await scene.seen(B)
        assert together == "active"
        assert (seen.lifecycle, seen.records) == ("active", (OTHER,))

    async def test_the_configured_number_of_rosters_retires_s24(self, scene: Scene):
        sources = {
            "book": {"type": "file", "path": "b", "trust": "system_of_record", "roster": True, "retire_after": 3},
            "bus": {"type": "file", "path": "a", "trust": "hardware_sensor"},
        }
        other = await Scene.make(scene.store, scene.world + "-3", sources=sources)
        await listed(other)

        await missed(other, 2)
        second = (await other.seen(B)).lifecycle
        await other.write(roster("book", ["a"], NOON + 3 * MINUTE), now=NOON + 3 * MINUTE)

        assert second == "stale"
        assert await other.store.entity(other.world, B) is None

    async def test_a_source_without_rosters_retires_nothing_s24(self, scene: Scene):
        await listed(scene)

        await missed(scene, 2)

        assert (await scene.seen(OTHER)).lifecycle == "active"


async def missed_again(scene: Scene) -> None:
    at = NOON + 2 * MINUTE
    await scene.write(roster("book", ["a"], at), now=at)
