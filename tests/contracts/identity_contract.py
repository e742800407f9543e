"""Identity: merges, undo, moves, splits, read at every instant of both axes (S12 to S14)."""

from __future__ import annotations

from contracts.scene import DAY, MINUTE, NOON, Scene, belongs, born, decide, depends, located, roster, say

from graphtwin.model.fact import BEGIN, ENTITY
from graphtwin.model.state import At

A, B, C, HALL = "bus:a", "book:b", "bus:c", "book:hall"


async def two_things(scene: Scene) -> None:
    """v1: a and b are two sensors in a hall, c depends on b; b is the newer reading."""
    await scene.write(
        born(A), born(B), born(C), born(HALL, "zone"),
        say(A, "reading", 1), say(B, "reading", 2, NOON + 2 * MINUTE), say(B, "mode", "on"),
        located(A, HALL), depends(C, B), depends(A, C),
        now=NOON + 2 * MINUTE,
    )  # fmt: skip


class IdentityContract:
    async def test_a_record_is_its_own_entity_until_somebody_says_otherwise_s13(self, scene: Scene):
        await two_things(scene)

        assert (await scene.seen(A)).records == (A,)
        assert await scene.store.records_of(scene.world, [A, HALL, "bus:nobody"]) == {
            A: ("sensor", A),
            HALL: ("zone", HALL),
        }

    async def test_a_merge_gathers_values_and_edges_and_keeps_every_claim_s13(self, scene: Scene):
        await two_things(scene)

        changes = await scene.write(belongs(B, A, event="merge"))

        seen = await scene.seen(A)
        assert seen.records == (B, A)
        assert {name: held.value for name, held in seen.reported.items()} == {"mode": "on", "reading": 1}
        assert await scene.edges() == {(A, "located_in", HALL), (C, "depends_on", A), (A, "depends_on", C)}
        assert [one.entity for one in changes.entities] == [B, A]
        assert {one.fact.record for one in await scene.store.claims(scene.world, A, "reading")} == {A, B}

    async def test_an_id_merged_away_is_answered_by_the_entity_its_records_belong_to_s14(self, scene: Scene):
        await two_things(scene)
        await scene.write(belongs(B, A, event="merge"))

        assert (await scene.seen(B)).id == A
        assert (await scene.store.neighbourhood(scene.world, B, 1)).centre == A
        assert await scene.store.paths(scene.world, B, HALL, max_hops=1) == (
            ((await scene.state()).edges["reported", A, "located_in", HALL],),
        )
        assert (await scene.seen(B, At(NOON + 2 * MINUTE, 1))).id == B

    async def test_an_id_merged_away_twice_is_answered_too_s14(self, scene: Scene):
        await two_things(scene)
        await scene.write(belongs(A, "x", event="1"), belongs(B, "y", event="2"))
        await scene.write(belongs(A, "y", event="3"))
        await scene.write(belongs(A, C, event="4"), belongs(B, C, event="5"))

        assert [(await scene.seen(one)).id for one in ("x", "y", A, B, C)] == [C] * 5

    async def test_merge_and_undo_leave_every_instant_as_it_was_s13(self, scene: Scene):
        await two_things(scene)
        before = {at: await scene.state(At(at, 1)) for at in (BEGIN, NOON - 1, NOON, NOON + MINUTE, NOON + DAY)}
        first = await scene.hash()
        await scene.write(belongs(B, A, event="merge"))
        merged = await scene.hash()

        await scene.write(decide(B, ENTITY, None, BEGIN, op="withdraw", event="undo"))

        after = {at: await scene.state(At(at, 3)) for at in before}
        assert merged != first
        assert await scene.hash() == first
        for at, was in before.items():
            assert (after[at].entities, after[at].edges, after[at].loose) == (was.entities, was.edges, was.loose)
            assert await scene.state(At(at, 1)) == was
            assert (await scene.state(At(at, 2))).entities != was.entities

    async def test_undo_may_restore_what_was_decided_before_s13(self, scene: Scene):
        await two_things(scene)
        await scene.write(belongs(B, "pump", event="first"))
        before = await scene.hash()
        await scene.write(belongs(B, A, event="merge"))

        await scene.write(belongs(B, "pump", event="undo"))

        assert await scene.hash() == before

    async def test_a_device_that_is_moved_belongs_to_another_entity_from_that_instant_on_s13(self, scene: Scene):
        await two_things(scene)
        await scene.write(belongs(A, "slot-1", event="mounted"))

        await scene.write(belongs(A, "slot-2", at=NOON + 5 * MINUTE, event="moved"), now=NOON + 5 * MINUTE)

        assert (await scene.seen(A)).id == "slot-2"
        assert await scene.store.entity(scene.world, "slot-1") is not None
        assert (await scene.seen("slot-1")).id == "slot-2"
        then = await scene.at_head(NOON + 4 * MINUTE)
        assert (await scene.seen("slot-1", then)).id == "slot-1"
        assert await scene.edges(then) == {
            ("slot-1", "located_in", HALL),
            ("slot-1", "depends_on", C),
            (C, "depends_on", B),
        }

    async def test_a_move_planned_ahead_happens_with_the_tick_that_passes_it_s4(self, scene: Scene):
        await two_things(scene)
        await scene.write(belongs(A, "slot-2", at=NOON + DAY, event="will move"))
        before = (await scene.seen(A)).id

        changes = await scene.write(now=NOON + DAY)

        assert before == A
        assert (await scene.seen(A)).id == "slot-2"
        assert [one.entity for one in changes.entities] == [A, "slot-2"]

    async def test_a_merge_at_an_instant_leaves_the_time_before_it_alone_s13(self, scene: Scene):
        await two_things(scene)

        await scene.write(belongs(B, A, at=NOON + MINUTE, event="joined"))

        assert (await scene.seen(B, await scene.at_head(NOON + MINUTE - 1))).id == B
        assert (await scene.seen(B, await scene.at_head(NOON + MINUTE))).id == A

    async def test_a_split_moves_records_and_never_a_fact_s13(self, scene: Scene):
        await two_things(scene)
        await scene.write(*(belongs(record, "all", event=f"1 {record}") for record in (A, B, C)))
        facts = len(await scene.store.history(scene.world, "all", "reading"))

        await scene.write(belongs(C, "part", event="split"))

        assert (await scene.seen("all")).records == (B, A)
        assert (await scene.seen("part")).records == (C,)
        assert await scene.edges() == {
            ("all", "located_in", HALL),
            ("part", "depends_on", "all"),
            ("all", "depends_on", "part"),
        }
        assert len(await scene.store.history(scene.world, "all", "reading")) == facts

    async def test_facts_that_come_after_a_merge_go_to_the_merged_entity_s13(self, scene: Scene):
        await two_things(scene)
        await scene.write(belongs(B, A, event="merge"))

        await scene.write(say(B, "reading", 9, NOON + DAY), depends(B, HALL), now=NOON + DAY)

        assert await scene.value(A, "reading") == 9
        assert (A, "depends_on", HALL) in await scene.edges()

    async def test_an_entity_lives_as_long_as_one_of_its_records_s12(self, scene: Scene):
        await two_things(scene)
        await scene.write(belongs(B, A, event="merge"))

        await scene.write(say(A, "@type", None, NOON + DAY, op="end"), now=NOON + DAY)
        alone = await scene.seen(A)
        await scene.write(say(B, "@type", None, NOON + 2 * DAY, op="end"), now=NOON + 2 * DAY)

        assert alone.records == (B,)
        assert await scene.store.entity(scene.world, A) is None

    async def test_the_type_of_a_merged_entity_is_that_of_its_most_trusted_record_s11(self, scene: Scene):
        await scene.write(born(A, "controller"), born("notes:n", "sensor"))

        await scene.write(belongs("notes:n", A, event="merge"))

        assert (await scene.seen(A)).type == "controller"

    async def test_a_functional_relation_follows_its_object_through_a_merge_s15(self, scene: Scene):
        await two_things(scene)

        await scene.write(belongs(HALL, "building", event="hall is building"))

        assert (A, "located_in", "building") in await scene.edges()

    async def test_merging_both_ends_and_back_restores_the_hash_s21(self, scene: Scene):
        await two_things(scene)
        before = await scene.hash()
        await scene.write(*(belongs(record, "one", event=f"m {record}") for record in (A, B, C)))
        merged = await scene.edges()

        await scene.write(
            *(decide(record, ENTITY, None, BEGIN, op="withdraw", event=f"u {record}") for record in (A, B, C))
        )

        assert merged == {("one", "located_in", HALL)}
        assert await scene.hash() == before

    async def test_a_record_that_is_gone_keeps_the_entity_that_it_was_given_s13(self, scene: Scene):
        await two_things(scene)
        await scene.write(
            belongs(A, "slot", event="given"), belongs(B, "slot", event="given"), roster("book", [], NOON)
        )
        for number in (3, 4):
            await scene.write(roster("book", ["hall"], NOON + number * MINUTE), now=NOON + number * MINUTE)
        await scene.write(decide(A, "@type", None, BEGIN, op="withdraw", event="never"))

        mapped = await scene.store.mapped(scene.world, [A, B, C, "bus:nobody"])

        assert await scene.store.records_of(scene.world, [A, B]) == {}
        assert mapped == {A: "slot", B: "slot"}

    async def test_a_mapping_that_was_undone_or_lies_ahead_is_none_s13(self, scene: Scene):
        await two_things(scene)
        await scene.write(belongs(A, "slot", event="given"), belongs(C, "slot", at=NOON + DAY, event="ahead"))
        await scene.write(decide(A, ENTITY, None, BEGIN, op="withdraw", event="undo"))

        assert await scene.store.mapped(scene.world, [A, C]) == {}

    async def test_an_id_names_the_entity_that_its_records_belong_to_by_now_s14(self, scene: Scene):
        await two_things(scene)
        await scene.write(belongs(A, "slot", event="1"))
        await scene.write(belongs(A, C, event="2"))

        called = await scene.store.entities_called(scene.world, ["slot", A, B, C, "nobody"])

        assert called == {"slot": C, A: C, B: B, C: C}

    async def test_an_id_is_as_old_as_the_first_decision_that_gave_it_a_record_s14(self, scene: Scene):
        await two_things(scene)
        await scene.write(belongs(A, "old", event="1"))
        await scene.write(belongs(B, "young", event="2"), belongs(C, "old", event="3"))
        await scene.write(belongs(A, "young", event="4"), belongs(C, "ahead", at=NOON + DAY, event="5"))

        founded = await scene.store.founded(scene.world, ["old", "young", "ahead", A, "nobody"])

        assert founded == {"old": 2, "young": 3, "ahead": 4}
