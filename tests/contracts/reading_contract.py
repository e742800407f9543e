"""Questions put to a store: what differs, who claims what, what was before, what identifies (S1, S11, S19)."""

from __future__ import annotations

from contracts.scene import DAY, MINUTE, NOON, Scene, belongs, born, decide, depends, located, roster, say

from graphtwin.model.state import At
from graphtwin.ports import Sample

A, B, HALL = "bus:a", "book:b", "book:hall"


async def pair(scene: Scene) -> None:
    """v1: a and b are `s`; both claim the reading, b the mode."""
    await scene.write(
        born(A), born(B), born(HALL, "zone"), belongs(A, "s", event="1"), belongs(B, "s", event="2"),
        say(A, "reading", 20), say(B, "reading", 22), say(B, "mode", "on"), located(A, HALL),
    )  # fmt: skip


class ReadingContract:
    async def test_the_difference_of_two_versions_is_what_changed_between_them_s1(self, scene: Scene):
        await pair(scene)
        await scene.write(say(A, "reading", 30, NOON + MINUTE), now=NOON + MINUTE)
        await scene.write(depends(A, HALL), say(B, "mode", None, NOON + 2 * MINUTE, op="end"), now=NOON + 2 * MINUTE)

        changes = await scene.store.diff(scene.world, 1, 3)

        first, last = (await scene.store.commits(scene.world))[0], await scene.store.head(scene.world)
        assert (changes.before_seq, changes.after_seq) == (1, 3)
        assert (changes.before_hash, changes.after_hash) == (first.hash, last.hash)
        assert [
            (one.name, one.before and one.before.value, one.after and one.after.value) for one in changes.values
        ] == [
            ("mode", "on", None),
            ("reading", 20, 30),
        ]
        assert [one.key for one in changes.edges] == [("reported", "s", "depends_on", HALL)]
        assert changes.entities == ()

    async def test_the_difference_backwards_is_the_opposite_s1(self, scene: Scene):
        await pair(scene)
        await scene.write(say(A, "reading", 30, NOON + MINUTE), now=NOON + MINUTE)

        there, back = await scene.store.diff(scene.world, 1, 2), await scene.store.diff(scene.world, 2, 1)

        assert [(one.before, one.after) for one in there.values] == [(one.after, one.before) for one in back.values]

    async def test_a_version_does_not_differ_from_itself_s1(self, scene: Scene):
        await pair(scene)

        assert (await scene.store.diff(scene.world, 1, 1)).empty

    async def test_the_difference_from_the_empty_world_is_everything_s1(self, scene: Scene):
        await pair(scene)

        changes = await scene.store.diff(scene.world, 0, 1)

        assert [one.entity for one in changes.entities] == [HALL, "s"]
        assert [one.name for one in changes.values] == ["mode", "reading"]
        assert len(changes.edges) == 1

    async def test_the_difference_shows_what_fell_due_and_what_was_merged_between_s4(self, scene: Scene):
        await pair(scene)
        await scene.write(say(A, "level", 5, NOON + DAY), belongs(HALL, "s", event="odd merge"))
        await scene.write(now=NOON + DAY)

        changes = await scene.store.diff(scene.world, 1, 3)

        assert [one.entity for one in changes.entities] == [HALL, "s"]
        assert [one.name for one in changes.values] == ["level"]

    async def test_the_difference_shows_lifecycles_s24(self, scene: Scene):
        await pair(scene)
        await scene.write(roster("book", ["hall"], NOON + MINUTE), now=NOON + MINUTE)

        changes = await scene.store.diff(scene.world, 1, 2)

        assert [(one.record, one.entity, one.before, one.after) for one in changes.lifecycles] == [
            (B, "s", "active", "stale")
        ]

    async def test_every_claim_of_a_value_is_told_with_its_score_best_first_s11(self, scene: Scene):
        await pair(scene)
        await scene.write(say(A, "reading", 19, layer="desired"))

        claims = await scene.store.claims(scene.world, "s", "reading")

        assert [(one.fact.layer, one.fact.record, one.fact.value, one.wins) for one in claims] == [
            ("reported", A, 20, True),
            ("reported", B, 22, False),
            ("desired", A, 19, True),
        ]
        assert claims[0].score > claims[1].score
        assert all(one.reason for one in claims)

    async def test_the_claims_of_a_relation_are_told_by_what_they_name_s15(self, scene: Scene):
        await pair(scene)
        await scene.write(depends(A, HALL), depends(B, HALL, False), depends(B, "bus:gone"))

        claims = await scene.store.claims(scene.world, "s", "depends_on")

        assert [(one.fact.object, one.fact.record, one.wins) for one in claims] == [
            (HALL, A, True),
            (HALL, B, False),
            ("bus:gone", B, True),
        ] or [(one.fact.object, one.fact.record, one.wins) for one in claims] == [
            ("bus:gone", B, True),
            (HALL, A, True),
            (HALL, B, False),
        ]

    async def test_the_claims_about_a_record_that_is_gone_are_told_apart_from_those_about_its_entity_s15(
        self, scene: Scene
    ):
        await pair(scene)
        await scene.write(born("bus:c"), belongs("bus:c", "c", event="3"), belongs("bus:gone", "c", event="4"))
        await scene.write(depends(A, "bus:c"), depends(B, "bus:gone", False))

        claims = await scene.store.claims(scene.world, "s", "depends_on")

        assert [(one.fact.object, one.wins) for one in claims] == [("bus:gone", True), ("bus:c", True)]
        assert ("s", "depends_on", "c") in await scene.edges()

    async def test_claims_are_told_as_they_stood_at_an_instant_s1(self, scene: Scene):
        await pair(scene)
        await scene.write(say(A, "reading", 30, NOON + MINUTE), now=NOON + MINUTE)

        old = await scene.store.claims(scene.world, "s", "reading", At(NOON + DAY, 1))
        none = await scene.store.claims(scene.world, "s", "reading", At(NOON - 1, 2))

        assert [one.fact.value for one in old] == [20, 22]
        assert none == ()
        assert await scene.store.claims(scene.world, "nobody", "reading") == ()

    async def test_a_claim_tells_all_that_its_fact_said_s5(self, scene: Scene):
        fact = say(
            A,
            "reading",
            20.5,
            unit="Cel",
            observed_at=NOON - 5,
            position=7,
            kind="inference",
            confidence=0.75,
            run="run-1",
        )
        await scene.write(born(A), fact)

        (claim,) = await scene.store.claims(scene.world, A, "reading")

        assert claim.fact._replace(evidence="") == fact._replace(seq=1, evidence="")

    async def test_the_history_of_a_variable_holds_all_facts_newest_first_s6(self, scene: Scene):
        await pair(scene)
        await scene.write(say(A, "reading", 9, NOON - DAY))
        await scene.write(decide(A, "reading", None, op="withdraw", event="w"), say(A, "reading", 1, layer="desired"))
        await scene.write(say(A, "reading", 50, NOON + DAY))

        facts = await scene.store.history(scene.world, "s", "reading")

        assert (facts[0].record, facts[0].value, facts[0].valid_from, facts[0].seq) == (A, 50, NOON + DAY, 4)
        assert [fact.op for fact in facts] == ["assert", "withdraw", "assert", "assert", "assert"]
        assert facts[-1].value == 9
        assert len(await scene.store.history(scene.world, "s", "reading", layer="desired")) == 1
        assert await scene.store.history(scene.world, "s", "reading", limit=2) == facts[:2]
        assert await scene.store.history(scene.world, "nobody", "reading") == ()

    async def test_samples_are_the_past_of_the_winning_record_oldest_first_s8(self, scene: Scene):
        await pair(scene)
        for number in range(1, 6):
            await scene.write(say(A, "reading", number, NOON + number * MINUTE), now=NOON + number * MINUTE)
        await scene.write(
            decide(A, "reading", None, NOON + 2 * MINUTE, op="withdraw", event="w"),
            decide(A, "reading", 33, NOON + 3 * MINUTE, event="c"),
        )
        at = await scene.at_head(NOON + 4 * MINUTE)

        found = await scene.store.samples(
            scene.world, [("s", "reading"), ("s", "nothing"), ("x", "mode")], at=at, limit=3
        )

        assert found == {
            ("s", "reading"): (
                Sample(NOON + MINUTE, 1),
                Sample(NOON + 3 * MINUTE, 33),
                Sample(NOON + 4 * MINUTE, 4),
            ),
            ("s", "nothing"): (),
            ("x", "mode"): (),
        }

    async def test_who_knows_the_winning_records_is_told_the_same_samples_s8(self, scene: Scene):
        await pair(scene)
        await scene.write(
            say(A, "reading", 4, NOON + MINUTE), say(A, "reading", 5, NOON + MINUTE, event="z"),
            say(A, "setting", {"a": [1]}, NOON + MINUTE), say(A, "reading", None, NOON + 2 * MINUTE, op="end"),
            say(A, "reading", 6, NOON + 3 * MINUTE), now=NOON + 3 * MINUTE,
        )  # fmt: skip
        at = await scene.at_head(NOON + 3 * MINUTE)
        held = (await scene.seen("s", at)).reported
        asked = [("s", "reading"), ("s", "setting"), ("s", "nothing")]

        known = {("s", name): held[name].record for name in ("reading", "setting")}
        told = await scene.store.samples(scene.world, asked, at=at, limit=9, winners=known)

        assert told == await scene.store.samples(scene.world, asked, at=at, limit=9)
        assert len(told["s", "reading"]) > 1
        assert told["s", "setting"] == (Sample(NOON + MINUTE, {"a": [1]}),)

    async def test_what_is_no_variable_has_no_samples_s8(self, scene: Scene):
        await pair(scene)
        head = await scene.store.head(scene.world)

        for name in ("@type", "@entity", "depends_on", "located_in", "nothing"):
            found = await scene.store.samples(scene.world, [("s", name)], at=At(head.valid, head.seq), limit=9)
            assert found == {("s", name): ()}

    async def test_samples_are_those_known_then_s1(self, scene: Scene):
        await scene.write(born(A), say(A, "reading", 1), now=NOON + DAY)
        await scene.write(say(A, "reading", 2, NOON + MINUTE))

        old = await scene.store.samples(scene.world, [(A, "reading")], at=At(NOON + DAY, 1), limit=9)

        assert old == {(A, "reading"): (Sample(NOON, 1),)}

    async def test_a_source_was_last_heard_at_its_newest_claim_that_has_come_due_s2(self, scene: Scene):
        await scene.write(
            born(A, at=NOON - DAY), born("plans:p", at=NOON - DAY),
            say("plans:p", "reading", 1, NOON + DAY), decide(B, "reading", 1, NOON, event="d", source="book"),
        )  # fmt: skip
        before = dict(await scene.store.last_heard(scene.world))

        await scene.write(say(A, "reading", None, NOON - MINUTE, op="end"), now=NOON + 2 * DAY)

        assert before == {"bus": NOON - DAY, "plans": NOON - DAY}
        assert dict(await scene.store.last_heard(scene.world)) == {"bus": NOON - MINUTE, "plans": NOON + DAY}

    async def test_records_are_found_by_what_identifies_them_s13(self, scene: Scene):
        await scene.write(
            born(A), born(B), say(A, "serial", "X-1"), say(B, "serial", "X-1"),
            born("bus:c"), say("bus:c", "serial", "X-2"), say("bus:ghost", "serial", "X-2"),
        )  # fmt: skip
        await scene.write(say("bus:c", "serial", "X-3", NOON + MINUTE), now=NOON + MINUTE)

        found = await scene.store.identify(scene.world, "serial", ["X-1", "X-2", "X-3", "X-4"])

        assert dict(found) == {"X-1": (B, A), "X-3": ("bus:c",)}

    async def test_names_are_in_use_once_anything_was_ever_said_under_them_s5(self, scene: Scene):
        await scene.write(born(A), born(B), depends(A, B), say(A, "mode", "on"), say(A, "area", 1, layer="desired"))
        await scene.write(say(A, "mode", None, NOON, op="withdraw", event="never"))

        used = await scene.store.names_used(scene.world, ["depends_on", "mode", "area", "located_in", "no such name"])

        assert used == {("depends_on", True), ("mode", False), ("area", False)}

    async def test_values_that_identify_are_equal_as_json_s13(self, scene: Scene):
        await scene.write(born(A), born(B), say(A, "serial", True), say(B, "serial", "1"))

        assert dict(await scene.store.identify(scene.world, "serial", [1])) == {}
        assert dict(await scene.store.identify(scene.world, "serial", ["1"])) == {"1": (B,)}

    async def test_records_are_known_by_their_own_type_and_their_entity_s13(self, scene: Scene):
        await pair(scene)
        await scene.write(say(A, "@type", None, NOON, op="end"))

        known = await scene.store.records_of(scene.world, [A, B, HALL, "bus:nobody"])

        assert dict(known) == {B: ("sensor", "s"), HALL: ("zone", HALL)}

    async def test_an_entity_at_an_instant_has_the_edges_of_that_instant_s1(self, scene: Scene):
        await pair(scene)
        await scene.write(depends(A, HALL, True, NOON + MINUTE), now=NOON + MINUTE)

        async def edges(at: At) -> list[str]:
            found = await scene.store.entity(scene.world, HALL, at)
            assert found is not None
            return [edge.relation for edge in found[1]]

        assert await edges(At(NOON + MINUTE, 2)) == ["depends_on", "located_in"]
        assert await edges(At(NOON, 2)) == ["located_in"]
        assert await edges(At(NOON + MINUTE, 1)) == ["located_in"]
        assert await edges(At(NOON - 1, 2)) == []

    async def test_the_state_is_the_same_whether_read_at_the_head_or_by_its_instant_s19(self, scene: Scene):
        await pair(scene)
        await scene.write(depends(A, "bus:gone"), say(B, "mode", "off", NOON + MINUTE), now=NOON + MINUTE)
        head = await scene.store.head(scene.world)

        assert await scene.state() == await scene.state(At(head.valid, head.seq))
