"""State machines in a commit: steps are decisions, taken once, never contested, and taken back when they rest on nothing (S22)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from contracts.lasting_contract import ruled
from contracts.scene import MINUTE, NOON, Scene, belongs, born, decide, roster, say

from graphtwin.errors import RuleRefused
from graphtwin.model.commit import Draft, RuleRow, RuleText
from graphtwin.model.configuration.twin_rules import Transition
from graphtwin.model.fact import Fact, Key
from graphtwin.model.machine import firing_of
from graphtwin.model.state import At, State
from graphtwin.ports import Store

A, B = "bus:a", "bus:b"
TYPES: dict[str, Any] = {
    "sensor": {
        "variables": {
            "reading": {},
            "mode": {
                "datatype": "string",
                "machine": {
                    "initial": "idle",
                    "allowed_next_states": {"idle": ["cooling", "alarm"], "cooling": ["idle", "alarm"], "alarm": []},
                },
            },
            "color": {"datatype": "string"},
        }
    },
    "zone": {"is_a": "location"},
}


def transition(name: str, where: str, before: str | Sequence[str], to: str, *, inverse: bool = False) -> RuleText:
    step = Transition.model_validate({"variable": "mode", "from": before, "to": to, "inverse": inverse})
    cypher = f"""
        MATCH (sensor:Sensor {{world: $world}}) WHERE {where}
        RETURN sensor.id AS subject, [[sensor.id, 'reading']] AS premises
    """
    return RuleText(name, cypher, kind="transition", transition=step)


START = transition("start", "sensor.reading > 30", "idle", "cooling")
STOP = transition("stop", "sensor.reading < 25", "cooling", "idle")
ALARM = transition("alarm", "sensor.reading > 40", ["idle", "cooling"], "alarm")
UNDONE = transition("start", "sensor.reading > 30", "idle", "cooling", inverse=True)
LONG = RuleText(
    "long",
    """
        MATCH (sensor:Sensor {world: $world})
        RETURN sensor.id AS subject, 'reading' AS variable, '>' AS op, 30 AS reference, 0 AS margin
    """,
    kind="held",
    lasting=5 * MINUTE,
    transition=START.transition,
)
COLOR = RuleText(
    "color",
    """
        MATCH (sensor:Sensor {world: $world})
        WHERE sensor.mode = 'cooling'
        RETURN sensor.id AS subject, {color: 'blue'} AS set, [[sensor.id, 'mode']] AS premises
    """,
    writes=frozenset({"color"}),
    stratum=1,
)


def _rows(name: str, least: float = -1e9, most: float = 1e9) -> Any:
    def rows(present: State, _now: int) -> list[RuleRow]:
        return [
            RuleRow(name, one.id, {}, (), None, ((one.id, "reading"),))
            for one in present.entities.values()
            if one.type == "sensor" and "reading" in one.reported and least < one.reported["reading"].value < most
        ]

    return rows


def _color(present: State, _now: int) -> list[RuleRow]:
    return [
        RuleRow("color", one.id, {"color": "blue"}, (), None, ((one.id, "mode"),))
        for one in present.entities.values()
        if one.type == "sensor" and "mode" in one.reported and one.reported["mode"].value == "cooling"
    ]


def _long(present: State, _now: int) -> list[dict[str, Any]]:
    return [
        {"subject": one.id, "variable": "reading", "op": ">", "reference": 30, "margin": 0}
        for one in present.entities.values()
        if one.type == "sensor"
    ]


MACHINE_STAND_INS: dict[str, Any] = {
    "start": _rows("start", least=30),
    "stop": _rows("stop", most=25),
    "alarm": _rows("alarm", least=40),
    "color": _color,
    "long": _long,
    "astray": lambda present, _now: [RuleRow("astray", one, {}, (), None, ()) for one in present.entities],
}


def read(value: float, minute: int, record: str = A) -> Fact:
    return say(record, "reading", value, NOON + minute * MINUTE)


def mode(value: str, minute: int, record: str = A) -> Fact:
    return say(record, "mode", value, NOON + minute * MINUTE)


class MachinesContract:
    @pytest.fixture
    async def plant(self, store: Store, scene: Scene) -> Scene:
        """A world in which `mode` is a state machine."""
        return await Scene.make(store, scene.world + "-m", types=TYPES)

    async def test_a_step_is_a_decision_with_the_facts_it_rests_on_s22(self, plant: Scene):
        done = await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=2, rules=[START])

        (firing,) = done.firings
        history = await plant.store.history(plant.world, A, "mode")
        seen = await plant.seen(A)

        assert (firing.subject, firing.before, firing.after, firing.rules) == (A, "idle", "cooling", ("start",))
        assert [(one.entity, one.name, one.value) for one in firing.premises] == [(A, "reading", 31)]
        assert seen.reported["mode"].value == "cooling"
        assert seen.reported["mode"].valid_from == NOON + 2 * MINUTE
        assert [(fact.value, fact.is_decision, fact.source) for fact in history] == [
            ("cooling", True, "transition"),
            ("idle", False, "bus"),
        ]
        assert (await plant.seen(A)).records == (A,)
        assert (await plant.store.verify(plant.world)).problems == ()

    async def test_a_machine_of_which_nothing_is_said_stands_in_its_initial_state_s22(self, plant: Scene):
        done = await ruled(plant, born(A), read(31, 0), minute=1, rules=[START])

        assert [(one.before, one.record) for one in done.firings] == [("idle", A)]
        assert await plant.value(A, "mode") == "cooling"

    async def test_only_an_allowed_step_is_taken_and_only_once_s22(self, plant: Scene):
        await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=1, rules=[START, STOP])
        again = await ruled(plant, read(32, 2), minute=2, rules=[START, STOP])
        stopped = await ruled(plant, read(20, 3), minute=3, rules=[START, STOP])
        alarmed = await ruled(plant, mode("alarm", 4), read(31, 4), minute=4, rules=[START, STOP])

        assert [len(one.firings) for one in (again, stopped, alarmed)] == [0, 1, 0]
        assert again.facts == 0
        assert await plant.value(A, "mode") == "alarm"

    async def test_a_source_that_speaks_later_has_the_last_word_s22(self, plant: Scene):
        await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=2, rules=[START])
        await ruled(plant, read(20, 3), mode("cooling", 3), minute=3, rules=[START])

        await ruled(plant, mode("idle", 4), minute=4, rules=[START])

        assert await plant.value(A, "mode") == "idle"

    async def test_late_news_of_the_state_doesnt_undo_a_step_s22(self, plant: Scene):
        await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=5, rules=[START])

        await ruled(plant, mode("idle", 4), minute=6, rules=[START])

        assert await plant.value(A, "mode") == "cooling"
        assert await plant.value(A, "mode", await plant.at_head(NOON + 4 * MINUTE)) == "idle"

    async def test_two_rules_that_want_different_steps_get_none_and_a_trouble_s22(self, plant: Scene):
        done = await ruled(
            plant, born(A), born(B), mode("idle", 0), read(41, 0), read(31, 0, B), minute=1, rules=[START, ALARM]
        )

        (trouble,) = done.troubles
        assert [one.subject for one in done.firings] == [B]
        assert (trouble.kind, trouble.entity, trouble.name) == ("contested", A, "contested:sensor.mode")
        assert trouble.message == (
            f"{A} mode stays idle: its rules want different steps at once (alarm: alarm; start: cooling)"
        )
        assert len(trouble.evidence) == 1
        assert await plant.value(A, "mode") == "idle"

    async def test_two_rules_that_want_one_step_take_it_together_s22(self, plant: Scene):
        also = transition("alarm", "sensor.reading > 40", "idle", "cooling")

        done = await ruled(plant, born(A), mode("idle", 0), read(41, 0), minute=1, rules=[START, also])

        assert [one.rules for one in done.firings] == [("alarm", "start")]

    @pytest.mark.parametrize("how", ["withdrawn", "corrected", "predated"])
    async def test_a_firing_whose_premise_wasnt_so_is_unsupported_as_long_as_the_machine_stands_there_s22(
        self, plant: Scene, how: str
    ):
        await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=5, rules=[START, STOP])
        wrong = {
            "withdrawn": decide(A, "reading", None, NOON + MINUTE, event="never", op="withdraw"),
            "corrected": decide(A, "reading", 21, NOON + MINUTE, event="misread"),
            "predated": read(28, 3),
        }[how]

        found = await ruled(plant, wrong, minute=6, rules=[START])
        later = await ruled(plant, minute=7, rules=[START])
        left = await ruled(plant, read(20, 8), minute=8, rules=[START, STOP])
        gone = await ruled(plant, minute=9, rules=[START, STOP])

        (trouble,) = found.troubles
        assert (trouble.name, trouble.entity, trouble.state) == ("unsupported:start", A, "cooling")
        assert "reading was 31; as is known now, " in trouble.message
        assert trouble.since == NOON + 5 * MINUTE
        assert later.troubles == (trouble,)
        assert [one.after for one in left.firings] == ["idle"]
        assert gone.troubles == ()

    async def test_another_fact_that_says_the_same_is_as_good_s22(self, plant: Scene):
        await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=5, rules=[START])

        restated = await ruled(plant, read(31, 3), minute=6, rules=[START])

        assert restated.troubles == ()

    async def test_an_inverse_takes_the_step_back_and_says_so_s22(self, plant: Scene):
        await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=5, rules=[UNDONE])

        back = await ruled(plant, read(28, 3), minute=6, rules=[UNDONE])
        after = await ruled(plant, minute=7, rules=[UNDONE])

        (undone,) = back.firings
        assert (undone.before, undone.after) == ("cooling", "idle")
        assert undone.takes_back
        assert back.troubles[0].message.endswith("it was taken back to idle")
        assert (after.firings, after.troubles) == ((), ())
        assert await plant.value(A, "mode") == "idle"
        assert await plant.value(A, "mode", await plant.at_head(NOON + 5 * MINUTE)) == "cooling"
        assert (await plant.store.verify(plant.world)).problems == ()

    async def test_an_inverse_runs_only_while_the_machine_still_stands_there_s22(self, plant: Scene):
        await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=5, rules=[UNDONE])

        confirmed = await ruled(plant, mode("cooling", 6), read(28, 3), minute=7, rules=[UNDONE])

        assert (confirmed.firings, confirmed.troubles) == ((), ())
        assert await plant.value(A, "mode") == "cooling"

    async def test_a_machine_that_is_taken_back_takes_no_other_step_in_that_commit_s22(self, plant: Scene):
        await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=5, rules=[UNDONE])

        back = await ruled(plant, read(28, 3), read(50, 6), minute=6, rules=[UNDONE])
        again = await ruled(plant, minute=7, rules=[UNDONE])

        assert [one.after for one in back.firings] == ["idle"]
        assert [one.after for one in again.firings] == ["cooling"]

    async def test_what_a_person_overrides_no_rule_moves_s11(self, plant: Scene):
        held = (
            decide(f"override:{A}", "@type", "sensor", event="hold", source="override"),
            belongs(f"override:{A}", A, event="hold", source="override"),
            decide(f"override:{A}", "mode", "idle", event="hold", source="override"),
        )

        done = await ruled(plant, born(A), mode("idle", 0), read(31, 1), *held, minute=2, rules=[START])

        assert (done.firings, await plant.value(A, "mode")) == ((), "idle")

    async def test_what_is_derived_from_a_state_follows_in_the_same_commit_s22(self, plant: Scene):
        await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=2, rules=[START, COLOR])
        blue = await plant.value(A, "color")
        await ruled(plant, read(20, 3), minute=3, rules=[START, STOP, COLOR])

        assert (blue, await plant.value(A, "color")) == ("blue", None)

    async def test_a_step_can_wait_for_what_has_lasted_s23(self, plant: Scene):
        early = await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=5, rules=[LONG])
        late = await ruled(plant, minute=6, rules=[LONG])

        assert (early.firings, early.rows) == ((), ())
        assert [(one.rules, one.after) for one in late.firings] == [(("long",), "cooling")]
        assert [row.finding for row in late.rows] == [None]
        assert (await plant.seen(A)).reported.keys() == {"mode", "reading"}

    async def test_a_thing_that_is_gone_takes_no_step_and_its_machine_keeps_nothing_alive_s12(self, plant: Scene):
        thing = "book:a"
        await ruled(
            plant, born(thing), roster("book", ["a"], NOON), mode("idle", 0, thing), read(31, 1, thing),
            minute=2, rules=[START],
        )  # fmt: skip
        empty = (roster("book", [], NOON + 3 * MINUTE), roster("book", [], NOON + 4 * MINUTE))

        gone = await ruled(plant, *empty, read(28, 1, thing)._replace(prio=2**59), minute=5, rules=[START])

        assert (gone.firings, gone.troubles) == ((), ())
        assert thing not in (await plant.state()).entities

    async def test_an_entity_without_such_a_machine_stops_the_commit_s22(self, plant: Scene):
        astray = RuleText(
            "astray",
            "MATCH (zone:Zone {world: $world}) RETURN zone.id AS subject, [] AS premises",
            kind="transition",
            transition=START.transition,
        )
        facts = (born(A, "zone"),)

        with pytest.raises(RuleRefused, match="no state machine of a zone"):
            await ruled(plant, *facts, minute=1, rules=[astray])

    async def test_steps_are_told_newest_first_as_they_were_known_s22(self, plant: Scene):
        await ruled(plant, born(A), mode("idle", 0), read(31, 1), minute=2, rules=[START, STOP])
        await ruled(plant, read(20, 3), minute=3, rules=[START, STOP])
        await ruled(plant, read(33, 4), minute=4, rules=[START, STOP])

        told = [firing_of(fact) for fact in await plant.store.fired(plant.world)]
        known = [firing_of(fact) for fact in await plant.store.fired(plant.world, at=At(NOON + 60 * MINUTE, 2))]

        assert [(one.at - NOON) // MINUTE for one in told] == [4, 3, 2]
        assert [one.after for one in told] == ["cooling", "idle", "cooling"]
        assert [one.seq for one in known] == [2, 1]
        assert len(await plant.store.fired(plant.world, limit=2)) == 2

    async def test_the_claim_of_any_key_at_any_valid_time_is_told_inside_s8(self, plant: Scene):
        assert plant.lease is not None
        await plant.write(
            read(1, 0), read(2, 2), decide(A, "reading", None, NOON + 2 * MINUTE, event="no", op="withdraw")
        )
        many = [decide(B, "reading", None, NOON + n, event=f"no {n}", op="withdraw") for n in range(1, 40)]
        await plant.write(read(7, 0, B), *(say(B, "reading", 1, NOON + n) for n in range(1, 40)), *many)
        keys = [Key("reported", record, "reading") for record in (A, B)]
        wanted = [(key, NOON + minute * MINUTE) for key in keys for minute in (-1, 0, 3)]

        async with plant.store.begin(plant.lease) as transaction:
            await transaction.write(Draft(now=NOON + 5 * MINUTE, facts=(read(4, 1),)))
            found = await transaction.claims_at(wanted)

        told = [found[one].value if one in found else None for one in wanted]
        assert told == [None, 1, 4, None, 7, 7]
