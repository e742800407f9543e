"""The past of a property inside a transaction: at each instant what a snapshot of then would show, as it is known now (S23)."""

from __future__ import annotations

from typing import Any

from contracts.scene import MINUTE, NOON, Scene, belongs, born, decide, roster, say

from graphtwin.model.commit import Draft
from graphtwin.model.state import Spell

A, B = "bus:a", "bus:b"
LATER = NOON + 10 * MINUTE


def shape(spells: tuple[Spell, ...]) -> list[tuple[int, Any]]:
    """(minutes after noon, value) of each spell."""
    return [((spell.since - NOON) // MINUTE, spell.held.value if spell.held else None) for spell in spells]


async def spells(scene: Scene, entity: str, name: str, *, minutes: int = 0) -> list[tuple[int, Any]]:
    """What the next transaction would know, from `minutes` after noon."""
    assert scene.lease is not None
    async with scene.store.begin(scene.lease) as transaction:
        found = await transaction.spells([(entity, name)], since=NOON + minutes * MINUTE)
    return shape(found[entity, name])


class SpellsContract:
    async def test_a_past_is_one_spell_a_claim_with_what_held_before_s23(self, scene: Scene):
        await scene.write(
            born(A), say(A, "reading", 20, NOON - MINUTE), say(A, "reading", 20, NOON + 2 * MINUTE),
            say(A, "reading", 30, NOON + 5 * MINUTE), now=LATER,
        )  # fmt: skip

        assert await spells(scene, A, "reading") == [(0, 20), (2, 20), (5, 30)]
        assert await spells(scene, A, "reading", minutes=5) == [(5, 30)]
        assert await spells(scene, A, "nothing") == [(0, None)]
        assert await spells(scene, "nobody", "reading") == [(0, None)]

    async def test_late_claims_ends_and_withdrawals_change_it_s23(self, scene: Scene):
        await scene.write(born(A), say(A, "reading", 20, NOON), say(A, "reading", 30, NOON + 5 * MINUTE), now=LATER)

        await scene.write(
            say(A, "reading", 25, NOON + 3 * MINUTE), say(A, "reading", None, NOON + 7 * MINUTE, op="end")
        )
        late = await spells(scene, A, "reading")
        await scene.write(decide(A, "reading", None, NOON + 5 * MINUTE, event="never", op="withdraw"))
        withdrawn = await spells(scene, A, "reading")
        await scene.write(decide(A, "reading", 21, NOON, event="corrected"))

        assert late == [(0, 20), (3, 25), (5, 30), (7, None)]
        assert withdrawn == [(0, 20), (3, 25), (7, None)]
        assert (await spells(scene, A, "reading", minutes=-1))[:2] == [(-1, None), (0, 21)]

    async def test_it_is_seen_as_the_transaction_has_left_the_world_s23(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(born(A), say(A, "reading", 20))

        async with scene.store.begin(scene.lease) as transaction:
            await transaction.write(Draft(now=LATER, facts=(say(A, "reading", 50, NOON + MINUTE),)))
            found = await transaction.spells([(A, "reading")], since=NOON)

        assert shape(found[A, "reading"]) == [(0, 20), (1, 50)]

    async def test_what_is_planned_ahead_isnt_the_past_s23(self, scene: Scene):
        await scene.write(
            born("plans:a"), say("plans:a", "reading", 20), say("plans:a", "reading", 50, NOON + 5 * MINUTE)
        )
        ahead = await spells(scene, "plans:a", "reading")
        await scene.write(now=LATER)

        assert ahead == [(0, 20)]
        assert await spells(scene, "plans:a", "reading") == [(0, 20), (5, 50)]

    async def test_the_winner_of_each_instant_is_shown_s23(self, scene: Scene):
        await scene.write(
            born(A), born("notes:a"), belongs("notes:a", A, event="one"),
            say("notes:a", "reading", 1, NOON), say(A, "reading", 2, NOON + 3 * MINUTE),
            say("notes:a", "reading", 3, NOON + 6 * MINUTE), say(A, "reading", None, NOON + 8 * MINUTE, op="end"),
            now=LATER,
        )  # fmt: skip

        assert await spells(scene, A, "reading") == [(0, 1), (3, 2), (8, 3)]

    async def test_wishes_have_their_own_property_s23(self, scene: Scene):
        await scene.write(
            born(A), say(A, "reading", 20), say(A, "reading", 22, NOON + MINUTE, layer="desired"),
            say(A, "reading", 23, NOON + 2 * MINUTE, layer="expected"), now=LATER,
        )  # fmt: skip

        assert await spells(scene, A, "reading_desired") == [(0, None), (1, 22)]
        assert await spells(scene, A, "reading_expected") == [(0, None), (2, 23)]
        assert await spells(scene, A, "reading") == [(0, 20)]

    async def test_a_record_that_moved_speaks_for_each_entity_in_its_time_s23(self, scene: Scene):
        await scene.write(
            born(A), born(B), say(A, "reading", 20, NOON - MINUTE), say(B, "reading", 30, NOON - MINUTE),
            belongs(A, B, event="moved", at=NOON + 4 * MINUTE), say(A, "reading", 21, NOON + 5 * MINUTE),
            say(B, "reading", None, NOON + 4 * MINUTE, op="end"), now=LATER,
        )  # fmt: skip

        assert await spells(scene, A, "reading") == [(0, 20), (4, None)]
        assert await spells(scene, B, "reading") == [(0, 30), (4, 20), (5, 21)]

    async def test_a_record_that_didnt_exist_said_nothing_s12(self, scene: Scene):
        await scene.write(
            born(A, at=NOON + 2 * MINUTE), say(A, "reading", 20), say(A, "@type", None, NOON + 6 * MINUTE, op="end"),
            born(A, at=NOON + 8 * MINUTE), now=LATER,
        )  # fmt: skip

        assert await spells(scene, A, "reading") == [(0, None), (2, 20), (6, None), (8, 20)]

    async def test_a_record_that_rosters_retired_said_nothing_until_it_was_named_or_spoke_again_s24(self, scene: Scene):
        await scene.write(
            born("book:a"), say("book:a", "reading", 20, NOON - MINUTE), roster("book", ["a"], NOON),
            roster("book", [], NOON + MINUTE), roster("book", [], NOON + 2 * MINUTE),
            say("book:a", "mode", "on", NOON + 4 * MINUTE), roster("book", [], NOON + 5 * MINUTE),
            roster("book", [], NOON + 6 * MINUTE), roster("book", ["a"], NOON + 8 * MINUTE), now=LATER,
        )  # fmt: skip

        assert await spells(scene, "book:a", "reading") == [(0, 20), (2, None), (4, 20), (6, None), (8, 20)]
        assert await spells(scene, "book:a", "reading", minutes=3) == [(3, None), (4, 20), (6, None), (8, 20)]
