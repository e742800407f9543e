"""What a rollback asks of a store: cells with their winners then and now, and what fell due (S7, S31)."""

from __future__ import annotations

import pytest
from contracts.scene import DAY, MINUTE, NOON, Scene, born, decide, depends, say

from graphtwin.errors import NotFound
from graphtwin.model.cell import Cell
from graphtwin.model.fact import BEGIN, TYPE, Key

A, B = "bus:a", "bus:b"
READING = Key("reported", A, "reading")


def told(cells: tuple[Cell, ...]) -> list[tuple[Key, int, object, object]]:
    """Key, instant, and the values then and now; a withdraw is told by its op."""
    return [(cell.key, cell.valid_from, said(cell.then), said(cell.now)) for cell in cells]


def said(fact: object) -> object:
    op = getattr(fact, "op", None)
    return getattr(fact, "value", None) if op == "assert" else op


class CellsContract:
    async def test_a_cell_has_its_winner_as_known_then_and_now_s31(self, scene: Scene):
        await scene.write(born(A), say(A, "reading", 1, position=1), say(A, "level", 9))
        await scene.write(say(A, "reading", 2, position=2), say(A, "reading", 3, NOON + MINUTE), now=NOON + MINUTE)
        await scene.write(decide(A, "reading", None, op="withdraw", event="no"), depends(A, B, True))

        since = [told(await scene.store.cells_since(scene.world, seq)) for seq in (1, 2, 3)]

        many = (Key("reported", A, "depends_on", B), NOON, None, True)
        assert since == [
            [many, (READING, NOON, 1, "withdraw"), (READING, NOON + MINUTE, None, 3)],
            [many, (READING, NOON, 2, "withdraw")],
            [],
        ]

    async def test_a_late_claim_that_lost_is_in_a_touched_cell_whose_winner_stands_s7(self, scene: Scene):
        await scene.write(say(A, "reading", 1, position=5), decide(B, "reading", 7, event="x"))
        await scene.write(say(A, "reading", 2, position=4), say(B, "reading", 8))

        cells = await scene.store.cells_since(scene.world, 1)

        assert told(cells) == [(READING, NOON, 1, 1), (Key("reported", B, "reading"), NOON, 7, 7)]
        assert all(cell.then == cell.now for cell in cells)

    async def test_what_lies_ahead_is_touched_too_s31(self, scene: Scene):
        await scene.write(born(A))
        await scene.write(say(A, "reading", 5, NOON + DAY))

        assert told(await scene.store.cells_since(scene.world, 1)) == [(READING, NOON + DAY, None, 5)]

    async def test_a_cell_keeps_all_that_its_facts_say_s5(self, scene: Scene):
        first = say(A, "reading", [1, {"a": None}], unit="Cel", observed_at=NOON - 1, confidence=0.5, kind="assumption",
                    run="r")  # fmt: skip
        await scene.write(first)
        await scene.write(say(A, "reading", 2.5, position=2**40))

        (cell,) = await scene.store.cells_since(scene.world, 1)

        assert cell.then == first._replace(seq=1)
        assert (cell.key, cell.valid_from) == (first.key, first.valid_from)

    async def test_a_run_touched_what_it_decided_after_its_restore_point_s31(self, scene: Scene):
        await scene.write(say(A, "reading", 1), decide(A, "level", 1, event="early", run="act"))
        await scene.write(
            say(A, "mode", "seen", run="act"), decide(A, "reading", 2, event="own", run="act"),
            decide(B, "reading", 3, event="part", run="act:two", layer="desired"),
            decide(B, "level", 4, event="other", run="act-2"), decide(B, TYPE, "zone", BEGIN, event="nobody"),
        )  # fmt: skip

        cells = await scene.store.cells_of_run(scene.world, "act", since=1)

        assert told(cells) == [(Key("desired", B, "reading"), NOON, None, 3), (READING, NOON, 1, 2)]

    async def test_the_winner_without_a_run_may_be_newer_than_the_run_s31(self, scene: Scene):
        await scene.write(say(A, "reading", 1, position=1))
        await scene.write(decide(A, "reading", 2, event="own", run="act"))
        await scene.write(say(A, "reading", 3, position=3))
        claimed = await scene.store.cells_of_run(scene.world, "act", since=1)
        await scene.write(decide(A, "reading", 4, event="person", run="correct"))
        decided = await scene.store.cells_of_run(scene.world, "act", since=1)

        assert [told(claimed), told(decided)] == [[(READING, NOON, 3, 2)], [(READING, NOON, 4, 4)]]

    async def test_what_was_planned_then_and_lies_in_the_past_now_fell_due_s4(self, scene: Scene):
        plan = say(A, "reading", 5, NOON + 60 * MINUTE)
        await scene.write(born(A), plan, say(A, "reading", 9, NOON + DAY))
        await scene.write(say(A, "level", 5, NOON + 120 * MINUTE))
        await scene.write(now=NOON + 180 * MINUTE)

        due = [await scene.store.fallen_due(scene.world, 1, until=NOON + m * MINUTE) for m in (59, 60, 180)]
        later = await scene.store.fallen_due(scene.world, 3, until=NOON + 2 * DAY)

        assert due == [(), (plan._replace(seq=1),), (plan._replace(seq=1),)]
        assert [fact.value for fact in later] == [9]

    async def test_cells_of_a_world_or_version_that_is_not_there_are_not_found(self, scene: Scene):
        for asked in (
            scene.store.cells_since("nowhere", 0),
            scene.store.cells_since(scene.world, 7),
            scene.store.cells_of_run("nowhere", "act", since=0),
            scene.store.fallen_due(scene.world, 7, until=NOON),
        ):
            with pytest.raises(NotFound):
                await asked
