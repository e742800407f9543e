"""Facts and claims: cells, order of arrival, corrections, withdrawals, ends, plans (S2, S4 to S9)."""

from __future__ import annotations

import random

from contracts.scene import DAY, MINUTE, NOON, SECOND, Scene, belongs, born, decide, depends, say

from graphtwin.methods.state.state_hash import state_hash
from graphtwin.model.fact import ENTITY, RANK, decision_prio
from graphtwin.model.state import At

S = "bus:s1"


class FactsContract:
    async def test_a_claim_becomes_the_value_of_its_entity_s8(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", 20.5, unit="Cel"))

        held = (await scene.seen(S)).reported["reading"]

        assert (held.value, held.unit, held.valid_from, held.source, held.record) == (20.5, "Cel", NOON, "bus", S)

    async def test_every_kind_of_json_value_comes_back_as_it_went_in_s5(self, scene: Scene):
        values = {
            "mode": 'é\n"quoted"',
            "reading": -0.25,
            "level": 7,
            "setting": {"a": [1, None, {"b": True}]},
            "flag": False,
        }
        await scene.write(born(S), *(say(S, name, value) for name, value in values.items()))

        held = (await scene.seen(S)).reported

        assert {name: held[name].value for name in values} == values
        assert held["flag"].value is False

    async def test_a_newer_claim_takes_over_and_an_older_one_that_comes_late_does_not_s8(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", 1, NOON + MINUTE), now=NOON + MINUTE)
        await scene.write(say(S, "reading", 2, NOON + 3 * MINUTE), now=NOON + 3 * MINUTE)
        before = await scene.hash()

        changes = await scene.write(say(S, "reading", 3, NOON + 2 * MINUTE))

        assert await scene.value(S, "reading") == 2
        assert changes.empty
        assert await scene.hash() == before
        assert scene.last is not None
        assert await scene.value(S, "reading", await scene.at_head(NOON + 2 * MINUTE)) == 3

    async def test_a_late_claim_was_not_known_before_it_came_s1(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", 1), now=NOON + DAY)
        await scene.write(say(S, "reading", 3, NOON + MINUTE))

        then = NOON + 2 * MINUTE

        assert await scene.value(S, "reading", At(then, 1)) == 1
        assert await scene.value(S, "reading", At(then, 2)) == 3

    async def test_redelivery_changes_nothing_and_makes_no_version_s5(self, scene: Scene):
        facts = (born(S), say(S, "reading", 1))
        await scene.write(*facts)
        before = await scene.store.head(scene.world)

        changes = await scene.write(*facts)

        assert changes.empty
        assert scene.last is None
        assert await scene.store.head(scene.world) == before

    async def test_a_fact_delivered_twice_in_one_draft_counts_once_s5(self, scene: Scene):
        fact = say(S, "reading", 1)

        await scene.write(born(S), fact, fact)

        assert scene.last is not None
        assert scene.last.facts == 2

    async def test_an_equal_value_is_kept_as_a_fact_of_its_own_s5(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", 20, NOON), now=NOON)
        await scene.write(say(S, "reading", 20, NOON + 2 * MINUTE), now=NOON + 2 * MINUTE)

        await scene.write(say(S, "reading", 25, NOON + MINUTE))

        assert await scene.value(S, "reading") == 20
        assert len(await scene.store.history(scene.world, S, "reading")) == 3

    async def test_at_one_instant_the_greater_position_wins_whatever_came_last_s7(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", "second", position=2))

        await scene.write(say(S, "reading", "first", position=1))

        assert await scene.value(S, "reading") == "second"

    async def test_at_one_instant_without_positions_all_orders_of_arrival_agree_s7(self, scene: Scene):
        said = [say(S, "reading", number) for number in range(8)]
        await scene.write(born(S), *said)
        wins = await scene.value(S, "reading")

        other = await Scene.make(scene.store, scene.world + "-b")
        await other.write(born(S))
        for fact in reversed(said):
            await other.write(fact)

        assert await other.value(S, "reading") == wins
        assert await other.hash() == await scene.hash()

    async def test_a_correction_wins_its_cell_and_the_next_reading_takes_over_s7(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", 99, position=RANK - 1))

        await scene.write(decide(S, "reading", 20, event="correct"))
        corrected = await scene.value(S, "reading")
        await scene.write(say(S, "reading", 21, NOON + MINUTE), now=NOON + MINUTE)

        assert corrected == 20
        assert await scene.value(S, "reading") == 21

    async def test_decisions_are_numbered_in_the_order_given_s7(self, scene: Scene):
        await scene.write(born(S), decide(S, "reading", 1, event="d1"), decide(S, "reading", 2, event="d2"))
        await scene.write(decide(S, "mode", "x", event="d3"), decide(S, "reading", 2, event="d2"))

        facts = await scene.store.history(scene.world, S, "reading")
        (third,) = await scene.store.history(scene.world, S, "mode")

        assert [(fact.value, fact.prio) for fact in facts] == [(2, decision_prio(2)), (1, decision_prio(1))]
        assert third.prio == decision_prio(3)
        assert (await scene.store.head(scene.world)).issue == 3

    async def test_a_replayed_decision_keeps_its_number_s9(self, scene: Scene):
        await scene.write(born(S), decide(S, "reading", 1, event="d9")._replace(prio=decision_prio(9)))

        await scene.write(decide(S, "reading", 2, event="d10"))

        facts = await scene.store.history(scene.world, S, "reading")
        assert [fact.prio for fact in facts] == [decision_prio(10), decision_prio(9)]

    async def test_withdraw_is_as_if_it_had_never_been_said_s6(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", 1, NOON), say(S, "mode", "on"), now=NOON + DAY)
        never_said = await scene.hash()
        await scene.write(say(S, "reading", 2, NOON + MINUTE), say(S, "level", 1.5))

        await scene.write(
            decide(S, "reading", None, NOON + MINUTE, op="withdraw", event="w1"),
            decide(S, "level", None, op="withdraw", event="w2"),
        )

        assert await scene.value(S, "reading") == 1
        assert "level" not in (await scene.seen(S)).reported
        assert await scene.hash() == never_said

    async def test_withdrawals_on_top_of_each_other_uncover_the_newest_cell_left_s8(self, scene: Scene):
        instants = [NOON + number * MINUTE for number in range(5)]
        await scene.write(
            born(S), *(say(S, "reading", number, at) for number, at in enumerate(instants)), now=NOON + DAY
        )

        await scene.write(*(decide(S, "reading", None, at, op="withdraw", event=f"w{at}") for at in instants[2:]))

        assert await scene.value(S, "reading") == 1
        assert await scene.value(S, "reading", await scene.at_head(NOON)) == 0

    async def test_an_end_uncovers_nothing_and_a_later_claim_begins_anew_s6(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", 1, NOON), now=NOON)
        await scene.write(say(S, "reading", None, NOON + MINUTE, op="end"), now=NOON + MINUTE)
        ended = dict((await scene.seen(S)).reported)

        await scene.write(say(S, "reading", 3, NOON + 2 * MINUTE), now=NOON + 2 * MINUTE)

        assert "reading" not in ended
        assert await scene.value(S, "reading") == 3
        assert await scene.value(S, "reading", await scene.at_head(NOON + MINUTE - 1)) == 1
        assert "reading" not in (await scene.seen(S, await scene.at_head(NOON + MINUTE))).reported

    async def test_withdrawing_an_end_uncovers_what_was_said_before_s6(self, scene: Scene):
        await scene.write(
            born(S), say(S, "reading", 1), say(S, "reading", None, NOON + MINUTE, op="end"), now=NOON + DAY
        )

        await scene.write(decide(S, "reading", None, NOON + MINUTE, op="withdraw", event="w"))

        assert await scene.value(S, "reading") == 1

    async def test_a_decision_may_undo_a_withdrawal_s7(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", 1))
        await scene.write(decide(S, "reading", None, op="withdraw", event="w"))

        await scene.write(decide(S, "reading", 1, event="again"))

        assert await scene.value(S, "reading") == 1

    async def test_a_record_without_a_type_claims_nothing_s12(self, scene: Scene):
        changes = await scene.write(say(S, "reading", 1))

        assert changes.empty
        assert scene.last is not None
        assert await scene.store.entity(scene.world, S) is None

    async def test_a_type_that_comes_late_lets_its_record_speak_s12(self, scene: Scene):
        await scene.write(say(S, "reading", 1))

        changes = await scene.write(born(S))

        assert await scene.value(S, "reading") == 1
        assert [one.entity for one in changes.entities] == [S]
        assert [(one.entity, one.name) for one in changes.values] == [(S, "reading")]

    async def test_a_record_whose_type_ends_is_silent_from_there_on_s12(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", 1), now=NOON)

        await scene.write(say(S, "@type", None, NOON + MINUTE, op="end"), now=NOON + MINUTE)

        assert await scene.store.entity(scene.world, S) is None
        assert await scene.value(S, "reading", await scene.at_head(NOON)) == 1

    async def test_a_planned_fact_waits_for_the_commit_whose_as_of_passes_it_s4(self, scene: Scene):
        ahead = NOON + 10 * MINUTE
        await scene.write(born("plans:s"), say("plans:s", "reading", 1), say("plans:s", "reading", 2, ahead), now=NOON)
        planned = await scene.value("plans:s", "reading")

        changes = await scene.write(now=ahead)

        assert planned == 1
        assert scene.last is not None
        assert (scene.last.facts, scene.last.valid) == (0, ahead)
        assert [(one.before.value, one.after.value) for one in changes.values if one.before and one.after] == [(1, 2)]
        assert await scene.value("plans:s", "reading") == 2

    async def test_what_is_planned_can_be_read_ahead_s4(self, scene: Scene):
        await scene.write(born("plans:s"), say("plans:s", "reading", 2, NOON + DAY), now=NOON)

        assert await scene.value("plans:s", "reading", At(NOON + DAY, 1)) == 2
        assert await scene.value("plans:s", "reading", At(NOON + DAY - 1, 1)) is None
        assert await scene.value("plans:s", "reading") is None

    async def test_a_planned_fact_that_is_withdrawn_never_comes_s4(self, scene: Scene):
        await scene.write(born("plans:s"), say("plans:s", "reading", 2, NOON + DAY), now=NOON)
        await scene.write(decide("plans:s", "reading", None, NOON + DAY, op="withdraw", event="w"))

        await scene.write(now=NOON + 2 * DAY)

        assert await scene.value("plans:s", "reading") is None

    async def test_a_tick_that_changes_nothing_makes_no_version_s4(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", 1))
        before = await scene.store.head(scene.world)

        await scene.write(now=NOON + DAY)

        assert scene.last is None
        assert await scene.store.head(scene.world) == before

    async def test_as_of_is_the_greatest_of_the_last_one_the_clock_and_the_newest_claim_in_the_skew_s4(
        self, scene: Scene
    ):
        ahead = NOON + 20 * SECOND
        await scene.write(born(S), say(S, "reading", 1, ahead), now=NOON)
        by_claim = (await scene.store.head(scene.world)).valid
        await scene.write(say(S, "reading", 2, NOON + 5 * SECOND), now=NOON + SECOND)
        by_before = (await scene.store.head(scene.world)).valid
        await scene.write(say(S, "reading", 3, NOON + 21 * SECOND), now=NOON + MINUTE)

        assert (by_claim, by_before) == (ahead, ahead)
        assert (await scene.store.head(scene.world)).valid == NOON + MINUTE

    async def test_a_redelivered_fact_does_not_move_as_of_s4(self, scene: Scene):
        planned = say("plans:s", "reading", 2, NOON + MINUTE)
        await scene.write(born("plans:s"), planned, now=NOON)

        await scene.write(planned, now=NOON + 40 * SECOND)

        assert scene.last is None
        assert await scene.value("plans:s", "reading") is None

    async def test_the_hash_is_that_of_the_whole_state_at_every_version_s21(self, scene: Scene):
        chance = random.Random(7)
        await scene.write(*(born(f"bus:s{number}") for number in range(4)))
        for step in range(12):
            record, at = f"bus:s{chance.randrange(4)}", NOON + chance.randrange(10) * MINUTE
            await scene.write(say(record, "reading", chance.randrange(50), at, position=step), now=NOON + step * MINUTE)

        for commit in await scene.store.commits(scene.world):
            assert commit.hash == state_hash(await scene.state(At(commit.valid, commit.seq)))

    async def test_shuffled_claims_make_one_hash_s9(self, scene: Scene):
        chance = random.Random(11)
        facts = [born(f"bus:s{number}") for number in range(3)]
        facts += [
            say(f"bus:s{chance.randrange(3)}", "reading", number, NOON + chance.randrange(5) * MINUTE)
            for number in range(20)
        ]
        facts += [say("bus:s0", "reading", None, NOON + 3 * MINUTE, op="end")]
        await scene.write(*facts, now=NOON + DAY)

        other = await Scene.make(scene.store, scene.world + "-b")
        chance.shuffle(facts)
        for start in range(0, len(facts), 7):
            await other.write(*facts[start : start + 9], now=NOON + DAY)

        assert await other.hash() == await scene.hash()

    async def test_true_and_1_are_two_values_s5(self, scene: Scene):
        await scene.write(born(S), say(S, "flag", 1), now=NOON)

        changes = await scene.write(say(S, "flag", True, NOON + MINUTE), now=NOON + MINUTE)

        assert await scene.value(S, "flag") is True
        assert [one.name for one in changes.values] == ["flag"]

    async def test_odd_names_and_long_texts_come_back_as_they_went_in_s5(self, scene: Scene):
        odd = "bus:a/b 'x' \"y\" \\ `z` {é} \U0001f600:1"
        long = "text \u00e9" * 20_000
        await scene.write(born(odd), say(odd, "mode", long), say(odd, "serial", long), say(odd, "od'd na`me", [odd]))
        await scene.write(depends(odd, odd), belongs(odd, odd + "!", event="odd"))

        seen = await scene.seen(odd + "!")

        assert {name: held.value for name, held in seen.reported.items()} == {
            "mode": long, "serial": long, "od'd na`me": [odd],
        }  # fmt: skip
        assert await scene.edges() == {(odd + "!", "depends_on", odd + "!")}
        assert dict(await scene.store.identify(scene.world, "serial", [long])) == {long: (odd,)}
        assert (await scene.store.verify(scene.world)).problems == ()

    async def test_numbers_at_the_edges_come_back_as_they_went_in_s5(self, scene: Scene):
        numbers = [0, -0.5, 2**53 - 1, -(2**53) + 1, 1e-300, 1.7976931348623157e308, 0.1 + 0.2, 1e21]
        await scene.write(born(S), *(say(S, f"n{place}", number) for place, number in enumerate(numbers)))
        await scene.write(say(S, "reading", 1e-300), say(S, "level", 2**53 - 1))

        held = (await scene.seen(S)).reported

        assert [held[f"n{place}"].value for place in range(len(numbers))] == numbers
        assert (held["reading"].value, held["level"].value) == (1e-300, 2**53 - 1)
        assert (await scene.store.verify(scene.world)).problems == ()

    async def test_a_value_of_another_type_than_declared_is_shown_as_it_was_said_s17(self, scene: Scene):
        await scene.write(born(S), say(S, "reading", "warm"), say(S, "mode", {"a": [1]}), say(S, "level", [1, "x"]))

        held = (await scene.seen(S)).reported

        assert (held["reading"].value, held["mode"].value, held["level"].value) == ("warm", {"a": [1]}, [1, "x"])
        assert (await scene.store.verify(scene.world)).problems == ()

    async def test_the_layers_of_identity_and_type_are_no_values_s13(self, scene: Scene):
        await scene.write(born(S), decide(S, ENTITY, "pump-1", event="d"))

        seen = await scene.seen("pump-1")

        assert (seen.type, seen.records, dict(seen.reported)) == ("sensor", (S,), {})
