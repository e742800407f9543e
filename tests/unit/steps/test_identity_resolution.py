"""identity_resolution against a store: what is known, what new facts say, and what they amount to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from contracts.scene import MINUTE, NOON, SECOND, SteppingClock, born, depends, roster, say, twin

from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Draft
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import BEGIN, ENTITY, TYPE, Fact, decision
from graphtwin.steps.identity_resolution import IdentityResolutionOut, identity_resolution
from graphtwin.steps.retrieve import retrieve
from graphtwin.store.memory import MemoryStore

WORLD = "plant"


def config(**identity: Any) -> TwinConfig:
    """The scene's world, with serial numbers that tell sensors apart and a tag that identifies them."""
    declared = twin(WORLD).model_dump(mode="json")
    declared["types"]["sensor"]["variables"]["serial"]["high_signal"] = True
    declared["types"]["sensor"]["variables"]["tag"] = {"datatype": "string"}
    declared["identity"] = {"key_attributes": ["tag"], **identity}
    return TwinConfig.model_validate(declared)


class Resolving:
    """A world in memory whose facts are resolved as a sync does it."""

    def __init__(self, config: TwinConfig) -> None:
        self.config, self.store, self.runs = config, MemoryStore(SteppingClock()), 0

    async def hear(self, *facts: Fact, dangling: Sequence[str] = ()) -> IdentityResolutionOut:
        """Resolve, and commit facts and decisions."""
        await self.store.create_world(self.config, NOON)
        self.runs += 1
        run = f"run-{self.runs}"
        found = await identity_resolution(self.store, WORLD, facts, Policy(self.config), run=run, dangling=dangling)
        lease = await self.store.acquire(WORLD, run, ttl=SECOND * 10**6)
        async with self.store.begin(lease) as transaction:
            await transaction.write(Draft(now=NOON + self.runs * SECOND, facts=(*facts, *found.decisions)))
            await transaction.commit(run, run)
        await self.store.release(lease)
        return found

    async def retire(self, record: str, *facts: Fact) -> None:
        """Say the facts, and take a roster of its source that names the record, then two that don't."""
        source, _, local = record.partition(":")
        await self.hear(*facts, roster(source, ["another", local], NOON))
        for number in (1, 2):
            self.runs += 100
            await self.hear(roster(source, ["another"], NOON + number * MINUTE))

    async def version(self) -> int:
        return (await self.store.head(WORLD)).seq

    async def dangling(self) -> list[str]:
        return [one.object_record for one in (await self.store.state(WORLD)).loose]

    async def entities(self) -> dict[str, tuple[str, ...]]:
        return {name: one.records for name, one in (await self.store.state(WORLD)).entities.items()}


def sensor(record: str, **values: Any) -> list[Fact]:
    return [born(record), *(say(record, name, value) for name, value in values.items())]


@pytest.fixture
def world() -> Resolving:
    return Resolving(config())


async def test_the_same_id_in_a_later_source_joins_the_entity_that_is_there(world: Resolving):
    await world.hear(*sensor("bus:t1"))

    found = await world.hear(*sensor("notes:t1"))

    assert found.identity_map["notes:t1"] == "sensor:local/t1"
    assert await world.entities() == {"sensor:local/t1": ("bus:t1", "notes:t1")}


@pytest.mark.parametrize(("first", "second"), [(12345, "12345"), ("12345", 12345), (12345.0, "12345"), (7, 7.0)])
@pytest.mark.parametrize("together", [True, False])
async def test_a_number_identifies_the_same_thing_as_its_text_in_one_sync_or_in_two(
    first: Any, second: Any, together: bool
):
    world = Resolving(config())
    one, other = sensor("bus:a", tag=first), sensor("notes:b", tag=second)

    for facts in ([*one, *other],) if together else (one, other):
        await world.hear(*facts)

    assert list((await world.entities()).values()) == [("bus:a", "notes:b")]


@pytest.mark.parametrize(("first", "second"), [("007", 7), ("1e3", 1000), (True, "1"), (1.5, 1)])
@pytest.mark.parametrize("together", [True, False])
async def test_what_only_looks_like_the_same_number_identifies_nothing(first: Any, second: Any, together: bool):
    world = Resolving(config())
    one, other = sensor("bus:a", tag=first), sensor("notes:b", tag=second)

    for facts in ([*one, *other],) if together else (one, other):
        await world.hear(*facts)

    assert len(await world.entities()) == 2


async def test_a_record_that_has_its_entity_is_not_decided_again(world: Resolving):
    await world.hear(*sensor("bus:t1", reading=1))

    found = await world.hear(*sensor("bus:t1", reading=2))

    assert found.decisions == ()
    assert found.touched == 1


async def test_a_declared_alias_needs_no_likeness():
    world = Resolving(config(aliases={"sensor:local/main": ["bus:t1", "book:77"]}))

    await world.hear(*sensor("bus:t1"), *sensor("book:77"))

    assert await world.entities() == {"sensor:local/main": ("book:77", "bus:t1")}


async def test_an_identifying_attribute_finds_its_thing_in_another_source_and_another_sync(world: Resolving):
    await world.hear(*sensor("notes:a", tag="T"))

    await world.hear(*sensor("bus:b", tag="T"))

    assert await world.entities() == {"sensor:local/a": ("bus:b", "notes:a")}


async def test_an_attribute_that_comes_later_merges_two_things_with_all_their_records(world: Resolving):
    await world.hear(*sensor("bus:a"), *sensor("notes:a"), *sensor("book:b"), *sensor("plans:b"))
    before = await world.entities()

    found = await world.hear(*sensor("notes:a", tag="T"), *sensor("plans:b", tag="T"))

    assert len(before) == 2
    assert found.merged == (("sensor:local/b", "sensor:local/a"),)
    assert await world.entities() == {"sensor:local/a": ("book:b", "bus:a", "notes:a", "plans:b")}


async def test_a_serial_number_told_by_another_record_of_the_thing_forbids_a_merge(world: Resolving):
    await world.hear(*sensor("bus:a", serial="S1"), *sensor("notes:a", tag="T"))

    found = await world.hear(*sensor("book:z", tag="T", serial="S2"))

    assert len(await world.entities()) == 2
    assert "serial differ" in found.unresolved[0].reason


async def test_a_newcomer_with_the_same_id_and_another_serial_number_is_another_thing(world: Resolving):
    await world.hear(*sensor("bus:t1", serial="S1"))

    await world.hear(*sensor("book:t1", serial="S2"))

    assert await world.entities() == {"sensor:local/t1": ("bus:t1",), "sensor:local/book/t1": ("book:t1",)}


async def test_another_type_under_the_same_id_is_another_thing_and_is_listed(world: Resolving):
    await world.hear(*sensor("bus:t1"))

    found = await world.hear(born("book:t1", "zone"))

    assert set(await world.entities()) == {"sensor:local/t1", "zone:local/t1"}
    assert "types differ" in found.unresolved[0].reason


async def test_records_that_must_be_distinct_are_two_things():
    world = Resolving(config(distinct=[["bus:t1", "book:t1"]]))

    await world.hear(*sensor("bus:t1"))
    await world.hear(*sensor("book:t1"))

    assert len(await world.entities()) == 2


async def test_a_reference_to_a_thing_that_another_source_reports_is_resolved_by_its_id(world: Resolving):
    await world.hear(*sensor("book:t9"))

    found = await world.hear(*sensor("bus:t1"), depends("bus:t1", "bus:t9"))

    state = await world.store.state(WORLD)
    assert found.identity_map["bus:t9"] == "sensor:local/t9"
    assert ("reported", "sensor:local/t1", "depends_on", "sensor:local/t9") in state.edges


async def test_a_reference_to_what_nobody_reports_is_open(world: Resolving):
    found = await world.hear(*sensor("bus:t1"), depends("bus:t1", "bus:t9"))

    assert [one.record for one in found.unresolved] == ["bus:t9"]
    assert (found.touched, found.carried) == (2, frozenset())


async def test_what_an_earlier_run_left_open_is_looked_at_again_but_not_counted(world: Resolving):
    await world.hear(*sensor("bus:t1"), depends("bus:t1", "bus:t9"))

    found = await world.hear(*sensor("bus:t1", reading=2), dangling=["bus:t9"])

    assert [one.record for one in found.unresolved] == ["bus:t9"]
    assert (found.touched, found.carried) == (1, {"bus:t9"})


async def test_what_an_earlier_run_left_open_is_resolved_once_somebody_reports_it(world: Resolving):
    await world.hear(*sensor("bus:t1"), depends("bus:t1", "bus:t9"))

    await world.hear(*sensor("book:t9"), dangling=["bus:t9"])

    state = await world.store.state(WORLD)
    assert ("reported", "sensor:local/t1", "depends_on", "sensor:local/t9") in state.edges
    assert state.loose == ()


async def test_a_reference_to_a_declared_thing_by_its_short_id_is_resolved():
    declared = config().model_dump(mode="json") | {"entities": [{"id": "hall", "type": "zone"}]}
    world = Resolving(TwinConfig.model_validate(declared))
    await world.hear(*retrieve(world.config, now=NOON, run="build").facts)

    await world.hear(*sensor("bus:t1"), say("bus:t1", "located_in", "bus:hall"))

    assert "zone:local/hall" in await world.entities()
    assert any(
        key[1:] == ("sensor:local/t1", "located_in", "zone:local/hall")
        for key in (await world.store.state(WORLD)).edges
    )


async def test_a_merge_keeps_every_claim(world: Resolving):
    await world.hear(*sensor("bus:a", reading=1), *sensor("book:b", reading=2))
    await world.hear(*sensor("bus:a", tag="T"), *sensor("book:b", tag="T"))

    claims = await world.store.claims(WORLD, "sensor:local/a", "reading")

    assert sorted(one.fact.value for one in claims) == [1, 2]


async def test_what_was_only_referred_to_is_what_its_source_says_it_is_once_it_does(world: Resolving):
    await world.hear(born("book:7"), born("notes:x"), depends("notes:x", "bus:7"))
    assert (await world.entities())["sensor:local/7"] == ("book:7", "bus:7")

    await world.hear(born("bus:7", "controller"), say("bus:7", "setpoint", 20))

    told = Resolving(config())
    await told.hear(born("book:7"), born("notes:x"))
    await told.hear(born("bus:7", "controller"), say("bus:7", "setpoint", 20))
    assert await world.entities() == await told.entities()
    assert (await world.store.state(WORLD)).entities["controller:local/7"].type == "controller"


async def test_what_was_only_referred_to_stays_where_it_is_when_its_source_says_the_same(world: Resolving):
    await world.hear(born("book:7"), born("notes:x"), depends("notes:x", "bus:7"))

    found = await world.hear(born("bus:7"), say("bus:7", "reading", 20))

    assert not found.decisions
    assert (await world.entities())["sensor:local/7"] == ("book:7", "bus:7")


async def test_a_thing_that_its_source_calls_by_another_type_later_keeps_its_id(world: Resolving):
    await world.hear(say("bus:7", "@type", "sensor", position=1))

    await world.hear(say("bus:7", "@type", "controller", position=2))

    assert await world.entities() == {"sensor:local/7": ("bus:7",)}


async def test_a_relation_to_a_retired_record_neither_brings_it_back_nor_makes_versions(world: Resolving):
    await world.retire("book:z", *sensor("book:z"), *sensor("bus:z"), *sensor("notes:x"), depends("notes:x", "book:z"))
    before, entities = await world.version(), await world.entities()

    found = [await world.hear(dangling=await world.dangling()) for _ in range(3)]

    assert await world.dangling() == ["book:z"]
    assert [one.decisions for one in found] == [()] * 3
    assert [[lost.record for lost in one.unresolved] for one in found] == [["book:z"]] * 3
    assert (await world.version(), await world.entities()) == (before, entities)


async def test_a_relation_to_a_record_whose_type_was_ended_or_withdrawn_does_not_bring_it_back(world: Resolving):
    await world.hear(*sensor("book:z"), *sensor("bus:z"), *sensor("notes:x"), depends("notes:x", "book:z"))
    never = decision(record="book:z", name=TYPE, op="withdraw", valid_from=BEGIN, event="never")
    await world.hear(never)

    found = await world.hear(dangling=await world.dangling())

    assert found.decisions == ()
    assert await world.entities() == {"sensor:local/x": ("notes:x",), "sensor:local/z": ("bus:z",)}


async def test_a_retired_record_that_comes_back_is_what_it_was_s13(world: Resolving):
    await world.hear(*sensor("bus:a", tag="T"))
    await world.retire("book:z", *sensor("book:z", tag="T"))
    apart = await world.entities()

    found = await world.hear(born("book:z"), say("book:z", "reading", 4, NOON + 3 * MINUTE))

    assert apart == {"sensor:local/a": ("bus:a",)}
    assert found.decisions == ()
    assert found.identity_map["book:z"] == "sensor:local/a"
    assert await world.entities() == {"sensor:local/a": ("book:z", "bus:a")}


async def test_a_retired_record_that_comes_back_goes_where_its_entity_went_meanwhile_s14(world: Resolving):
    await world.hear(*sensor("notes:b"), *sensor("bus:m", tag="T"))
    await world.retire("book:z", *sensor("book:z", tag="T"))
    await world.hear(decision(record="bus:m", name=ENTITY, value="sensor:local/b", valid_from=BEGIN, event="merge"))

    found = await world.hear(born("book:z"), say("book:z", "reading", 4, NOON + 3 * MINUTE))

    assert found.identity_map["book:z"] == "sensor:local/b"
    assert await world.entities() == {"sensor:local/b": ("book:z", "bus:m", "notes:b")}


async def test_a_retired_record_that_comes_back_with_another_identity_is_that_one(world: Resolving):
    await world.hear(*sensor("bus:a", tag="T"), *sensor("bus:c", tag="U"))
    await world.retire("book:z", *sensor("book:z", tag="T"))
    world.config = config(distinct=[["book:z", "bus:a"]])

    await world.hear(born("book:z"), say("book:z", "tag", "U", NOON + 3 * MINUTE))

    assert await world.entities() == {"sensor:local/a": ("bus:a",), "sensor:local/c": ("book:z", "bus:c")}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    "local", ["p\u0430yment", "\u0441\u043e\u0440", "\uff50ump"], ids=["mixed", "all", "full width"]
)
async def test_an_id_that_could_be_taken_for_another_joins_nothing_by_itself(
    world: Resolving, local: str, together: bool
):
    one, other = sensor(f"bus:{local}"), sensor(f"book:{local}")

    found = [await world.hear(*facts) for facts in ([[*one, *other]] if together else [one, other])]

    assert sorted((await world.entities()).values()) == [(f"book:{local}",), (f"bus:{local}",)]
    assert [(lost.record, lost.candidate) for lost in found[-1].unresolved] == [(f"book:{local}", f"bus:{local}")]
    assert "could be taken for another" in found[-1].unresolved[0].reason


async def test_an_id_that_could_be_taken_for_another_is_joined_by_other_evidence_or_a_persons_word():
    local = "p\u0430yment"
    world = Resolving(config(aliases={"sensor:local/main": [f"notes:{local}", f"plans:{local}"]}))

    by_tag = await world.hear(*sensor(f"bus:{local}", tag="T"), *sensor(f"book:{local}", tag="T"))
    told = await world.hear(*sensor(f"notes:{local}"), *sensor(f"plans:{local}"))

    assert by_tag.unresolved == ()
    assert len(set(by_tag.identity_map.values())) == 1
    assert {told.identity_map[f"notes:{local}"], told.identity_map[f"plans:{local}"]} == {"sensor:local/main"}
    assert {lost.record for lost in told.unresolved} <= {f"bus:{local}", f"book:{local}"}


async def test_a_reference_by_an_id_that_could_be_taken_for_another_stays_dangling(world: Resolving):
    local = "p\u0430yment"
    await world.hear(*sensor(f"bus:{local}"), *sensor("notes:x"), depends("notes:x", f"book:{local}"))

    found = await world.hear(dangling=await world.dangling())

    assert await world.dangling() == [f"book:{local}"]
    assert found.decisions == ()


async def test_ids_of_one_other_script_are_ids_like_any(world: Resolving):
    await world.hear(*sensor("bus:насос"), *sensor("book:насос"))

    assert len(await world.entities()) == 1


async def test_of_two_things_of_one_source_the_id_of_the_earlier_stays_s14(world: Resolving):
    await world.hear(*sensor("bus:z"))
    await world.hear(*sensor("bus:a"))

    found = await world.hear(*sensor("bus:z", tag="T"), *sensor("bus:a", tag="T"))

    assert found.merged == (("sensor:local/a", "sensor:local/z"),)
    assert await world.entities() == {"sensor:local/z": ("bus:a", "bus:z")}
