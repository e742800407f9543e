"""Layers, units and fusion: whose claim is shown (S10, S11)."""

from __future__ import annotations

from contracts.scene import DAY, MINUTE, NOON, Scene, belongs, born, decide, say, twin

from graphtwin.model.state import At

BUS, BOOK, NOTES, OWN = "bus:s1", "book:S-1", "notes:n1", "override:s1"


async def one_thing(scene: Scene, *records: str) -> None:
    """The records are the entity `s`."""
    for record in records:
        await scene.write(born(record), belongs(record, "s", event=f"is {record}"))


class LayersContract:
    async def test_desired_and_expected_stand_apart_and_never_win_over_a_reading_s10(self, scene: Scene):
        await scene.write(
            born(BUS),
            say(BUS, "reading", 18),
            say(BUS, "reading", 21, NOON + MINUTE, layer="desired", kind="constraint"),
            say(BUS, "reading", 22, NOON + MINUTE, layer="expected", kind="prediction"),
            now=NOON + MINUTE,
        )

        seen = await scene.seen(BUS)

        assert seen.reported["reading"].value == 18
        assert seen.desired["reading"].value == 21
        assert seen.expected["reading"].value == 22

    async def test_desired_values_are_in_the_hash_and_expected_ones_are_not_s21(self, scene: Scene):
        await scene.write(born(BUS))
        before = await scene.hash()
        await scene.write(say(BUS, "reading", 22, layer="expected"))
        expected = await scene.hash()

        await scene.write(say(BUS, "reading", 21, layer="desired"))

        assert expected == before
        assert await scene.hash() != before

    async def test_a_value_in_another_unit_is_another_value_s21(self, scene: Scene):
        await scene.write(born(BUS), say(BUS, "reading", 20, unit="Cel"))
        before = await scene.hash()

        changes = await scene.write(say(BUS, "reading", 20, NOON + MINUTE, unit="K"), now=NOON + MINUTE)

        assert (await scene.seen(BUS)).reported["reading"].unit == "K"
        assert len(changes.values) == 1
        assert await scene.hash() != before

    async def test_the_more_trusted_source_wins_at_one_instant_s11(self, scene: Scene):
        await one_thing(scene, BUS, NOTES)

        await scene.write(say(NOTES, "reading", 30), say(BUS, "reading", 20))

        held = (await scene.seen("s")).reported["reading"]
        assert (held.value, held.record, held.rivals) == (20, BUS, 1)

    async def test_a_much_newer_claim_wins_over_a_more_trusted_one_by_half_lives_s11(self, scene: Scene):
        await one_thing(scene, BUS, NOTES)
        await scene.write(say(BUS, "reading", 20), now=NOON)

        await scene.write(say(NOTES, "reading", 30, NOON + 30 * MINUTE), now=NOON + 30 * MINUTE)
        within = await scene.value("s", "reading")
        await scene.write(say(NOTES, "reading", 31, NOON + 60 * MINUTE), now=NOON + 60 * MINUTE)

        assert within == 20
        assert await scene.value("s", "reading") == 31

    async def test_nothing_flips_while_no_new_fact_comes_s11(self, scene: Scene):
        await one_thing(scene, BUS, NOTES)
        await scene.write(
            say(BUS, "reading", 20), say(NOTES, "reading", 30, NOON + 30 * MINUTE), now=NOON + 30 * MINUTE
        )

        assert await scene.value("s", "reading", await scene.at_head(NOON + 300 * DAY)) == 20

    async def test_confidence_counts_like_trust_s11(self, scene: Scene):
        await one_thing(scene, BUS, NOTES)

        await scene.write(say(NOTES, "reading", 30), say(BUS, "reading", 20, confidence=0.2))

        assert await scene.value("s", "reading") == 30

    async def test_the_first_authority_of_a_field_decides_s11(self, scene: Scene):
        await one_thing(scene, BUS, BOOK, NOTES)

        await scene.write(
            say(BUS, "serial", "from bus"), say(BOOK, "serial", "from book"), say(NOTES, "serial", "noted")
        )

        assert await scene.value("s", "serial") == "from book"

    async def test_equal_claims_of_equal_weight_fall_to_the_greater_key_s11(self, scene: Scene):
        await one_thing(scene, "bus:a", "bus:b")

        await scene.write(say("bus:b", "reading", 2), say("bus:a", "reading", 1))

        assert await scene.value("s", "reading") == 2

    async def test_an_assumption_counts_only_where_nothing_else_was_claimed_s10(self, scene: Scene):
        await one_thing(scene, BOOK, NOTES)
        await scene.write(say(BOOK, "reading", 1, kind="assumption"))
        assumed = await scene.value("s", "reading")

        await scene.write(say(NOTES, "reading", 2, confidence=0.01))

        assert assumed == 1
        assert await scene.value("s", "reading") == 2

    async def test_an_override_outranks_every_claim_until_it_is_withdrawn_s11(self, scene: Scene):
        await one_thing(scene, BUS, OWN)
        await scene.write(decide(OWN, "reading", 5, event="override", source="override"))
        await scene.write(say(BUS, "reading", 20, NOON + DAY), now=NOON + DAY)
        overridden = await scene.value("s", "reading")

        await scene.write(decide(OWN, "reading", None, op="withdraw", event="enough", source="override"))

        assert overridden == 5
        assert await scene.value("s", "reading") == 20

    async def test_a_mean_widens_to_the_range_of_its_claims_s11(self, scene: Scene):
        await one_thing(scene, BUS, BOOK)

        await scene.write(say(BUS, "level", 10), say(BOOK, "level", 20))

        held = (await scene.seen("s")).reported["level"]
        assert 14.5 < held.value < 15
        assert (held.low, held.high, held.fact) == (10, 20, "")

    async def test_the_half_life_counts_from_when_it_was_observed_s11(self, scene: Scene):
        await one_thing(scene, BUS, NOTES)

        await scene.write(say(BUS, "reading", 20, observed_at=NOON - DAY), say(NOTES, "reading", 30), now=NOON)

        assert await scene.value("s", "reading") == 30

    async def test_a_dispute_is_shown_s11(self, scene: Scene):
        await one_thing(scene, BUS, BOOK)

        await scene.write(say(BUS, "reading", 20), say(BOOK, "reading", 30))

        held = (await scene.seen("s")).reported["reading"]
        assert (held.value, held.disputed, held.rivals) == (20, True, 1)

    async def test_a_changed_trust_fuses_anew_and_the_past_is_read_under_its_own_configuration_s9(self, scene: Scene):
        await one_thing(scene, BUS, NOTES)
        await scene.write(say(BUS, "reading", 20), say(NOTES, "reading", 30))
        before = await scene.store.head(scene.world)

        changed = twin(scene.world, trust={"sources": {"notes": 1.0, "bus": 0.3}})
        changes = await scene.write(configuration=changed.normalised())

        head = await scene.store.head(scene.world)
        assert scene.last is not None
        assert (head.configuration, scene.last.facts) == (changed.hash(), 0)
        assert await scene.value("s", "reading") == 30
        assert [(one.entity, one.name) for one in changes.values] == [("s", "reading")]
        assert await scene.value("s", "reading", At(before.valid, before.seq)) == 20
        assert (await scene.store.configuration(scene.world, before.seq)).hash() == scene.config.hash()
        assert (await scene.store.configuration(scene.world)).hash() == changed.hash()

    async def test_a_configuration_that_turns_a_name_into_a_relation_redraws_the_world_s9(self, scene: Scene):
        await scene.write(born(BUS), born("bus:s2"), say(BUS, "feeds", True, object="bus:s2"))
        before = await scene.edges()

        relations = {"feeds": {}, "located_in": {"functional": True}}
        await scene.write(configuration=twin(scene.world, relations=relations).normalised())

        assert before == set()
        assert await scene.edges() == {(BUS, "feeds", "bus:s2")}

    async def test_the_same_configuration_again_makes_no_version_s9(self, scene: Scene):
        await scene.write(born(BUS))

        await scene.write(configuration=scene.config.normalised())

        assert scene.last is None
