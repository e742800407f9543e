"""What persons decide of identity, in every store: merge, split, undo, and what matching makes of it afterwards (S13, S14)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from contracts.scene import MINUTE, NOON, TTL, Scene, belongs, born, decide, depends, located, say, twin

from graphtwin.app.identity import identity_decisions, merge_entities, split_entity
from graphtwin.app.identity_undo import undo_identity
from graphtwin.app.people import add_user
from graphtwin.app.person import Given
from graphtwin.errors import Conflict, NotFound, Refused, UsageError
from graphtwin.methods.matching.judgements import merged_entry
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Draft
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import BEGIN, ENTITY, Fact
from graphtwin.model.state import At
from graphtwin.ports import Store
from graphtwin.steps.identity_resolution import identity_resolution

A, B, C = "sensor:local/a", "sensor:local/b", "sensor:local/c"
INSTANTS = (BEGIN, NOON - 1, NOON, NOON + MINUTE, NOON + 5 * MINUTE)


def configured(world: str) -> TwinConfig:
    """The scene's world, with a tag that identifies sensors and a serial number that tells them apart."""
    declared = twin(world).model_dump(mode="json")
    declared["types"]["sensor"]["variables"]["serial"]["high_signal"] = True
    declared["types"]["sensor"]["variables"]["tag"] = {"datatype": "string"}
    declared["identity"] = {"key_attributes": ["tag"], "distinct": [["bus:c", "bus:d"]]}
    for name in ("notes", "plans"):
        declared["sources"][name]["id_space"] = name
    return TwinConfig.model_validate(declared)


class Registry:
    """A world whose records are matched as a sync does it, and alice who decides in it."""

    def __init__(self, store: Store, world: str) -> None:
        self.store, self.world, self.config = store, world, configured(world)
        self.now, self.runs = NOON, 0
        self.given = Given(by="alice", reason="she looked")

    async def hear(self, *facts: Fact) -> None:
        """What sources say, matched and committed."""
        self.now, self.runs = self.now + MINUTE, self.runs + 1
        run = f"sync-{self.runs}"
        found = await identity_resolution(self.store, self.world, facts, Policy(self.config), run=run)
        merged = [merged_entry(one.gone, one.into, one.records, one.why, at=self.now, run=run) for one in found.merges]
        lease = await self.store.acquire(self.world, run, ttl=TTL)
        async with self.store.begin(lease) as transaction:
            await transaction.write(Draft(now=self.now, facts=(*facts, *found.decisions)))
            await transaction.record(merged)
            await transaction.commit(run, run)
        await self.store.release(lease)

    async def merge(self, one: str, other: str, **more: Any) -> Any:
        given = more.pop("given", self.given)
        return await merge_entities(self.store, self.world, (one, other), given, **more)

    async def split(self, entity: str, *records: str) -> Any:
        return await split_entity(self.store, self.world, entity, records, self.given)

    async def undo(self, name: Any) -> Any:
        return await undo_identity(self.store, self.world, str(name), self.given)

    async def last(self) -> int:
        return (await identity_decisions(self.store, self.world))[-1].n

    async def entities(self) -> dict[str, tuple[str, ...]]:
        return {name: one.records for name, one in (await self.store.state(self.world)).entities.items()}

    async def at_every_instant(self) -> list[Any]:
        head = await self.store.head(self.world)
        states = [await self.store.state(self.world, At(valid, head.seq)) for valid in (*INSTANTS, head.valid)]
        return [(dict(state.entities), dict(state.edges), state.loose) for state in states]


def sensor(local: str, source: str = "bus", **values: Any) -> list[Fact]:
    record = f"{source}:{local}"
    return [born(record), *(say(record, name, value) for name, value in values.items())]


class MergesContract:
    @pytest.fixture
    async def registry(self, store: Store, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
        monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
        monkeypatch.chdir(tmp_path)
        world = Registry(store, scene.world + "-m")
        await store.create_world(world.config, NOON)
        await world.hear(*sensor("a", reading=1.0), *sensor("b", reading=2.0, mode="on"), depends("bus:b", "bus:a"))
        await add_user(store, world.world, "alice", role="operator", public_key=None, by=None)
        return world

    async def test_records_that_were_ever_given_to_an_id_are_found_s14(self, registry: Registry):
        await registry.merge(A, B)

        ever = await registry.store.records_ever(registry.world, [A, B, C])

        assert ever == {A: ("bus:a", "bus:b"), B: ("bus:b",)}

    async def test_all_that_was_said_of_whose_a_record_is_comes_in_its_order_s13(self, scene: Scene):
        await scene.write(
            born("bus:a"), belongs("bus:a", "x", event="1"), belongs("bus:a", "y", at=NOON * 2, event="2")
        )
        await scene.write(decide("bus:a", ENTITY, None, BEGIN, op="withdraw", event="3"))

        facts = await scene.store.entity_facts(scene.world, ["bus:a", "bus:nobody"])

        assert [(fact.valid_from, fact.op, fact.value) for fact in facts] == [
            (BEGIN, "assert", "x"),
            (BEGIN, "withdraw", None),
            (NOON * 2, "assert", "y"),
        ]

    async def test_a_person_s_merge_makes_two_one_for_ever_and_undoing_it_is_exact_s13(self, registry: Registry):
        before, hashed = await registry.at_every_instant(), (await registry.store.head(registry.world)).hash

        decided = await registry.merge(B, A)
        merged = await registry.entities()
        await registry.hear(*sensor("b", reading=5.0))
        still = await registry.entities()
        await registry.hear(say("bus:b", "reading", None, op="withdraw", event="never"))
        await registry.undo(await registry.last())

        assert decided.decision.told["entities"] == [A, B]
        assert merged == still == {A: ("bus:a", "bus:b")}
        assert (await registry.store.head(registry.world)).hash != hashed
        await registry.hear(say("bus:b", "reading", 2.0, event="again"))
        assert [one[1:] for one in await registry.at_every_instant()] == [one[1:] for one in before]
        assert await registry.entities() == {A: ("bus:a",), B: ("bus:b",)}

    async def test_undo_right_away_restores_the_hash_s21(self, registry: Registry):
        before, hashed = await registry.at_every_instant(), (await registry.store.head(registry.world)).hash
        await registry.merge(A, B)

        await registry.undo(await registry.last())

        assert (await registry.store.head(registry.world)).hash == hashed
        after = await registry.at_every_instant()
        assert after[:-1] == before[:-1]
        assert (await registry.store.verify(registry.world)).problems == ()

    async def test_matching_does_not_make_one_what_a_person_split_s13(self, registry: Registry):
        await registry.hear(*sensor("a", "book", tag="T"), say("bus:a", "tag", "T"))
        await registry.split(A, "book:a")
        split = await registry.entities()

        await registry.hear(*sensor("a", "book", tag="T"), *sensor("a", tag="T"))
        await registry.hear(*sensor("n", "notes", tag="T"))

        assert split == {A: ("bus:a",), B: ("bus:b",), "sensor:local/book/a": ("book:a",)}
        held = await registry.entities()
        assert {name: set(held[name]) - {"notes:n"} for name in held} == {name: {*split[name]} for name in split}
        assert sum("notes:n" in records for records in held.values()) == 1

    async def test_a_split_that_is_undone_is_one_again_and_matching_judges_as_before_s13(self, registry: Registry):
        await registry.hear(*sensor("a", "book", tag="T"), say("bus:a", "tag", "T"))
        before = await registry.entities()
        await registry.split(A, "bus:a")

        await registry.undo(await registry.last())
        await registry.hear(*sensor("n", "notes", tag="T"))

        assert before[A] == ("book:a", "bus:a")
        assert (await registry.entities())[A] == ("book:a", "bus:a", "notes:n")

    async def test_what_matching_made_one_and_a_person_undid_stays_two_s13(self, registry: Registry):
        await registry.hear(*sensor("p", "plans"), *sensor("n", "notes"))
        before = await registry.entities()
        await registry.hear(say("plans:p", "@type", "sensor", event="1"), say("plans:p", "tag", "T"))
        await registry.hear(say("notes:n", "@type", "sensor", event="2"), say("notes:n", "tag", "T"))
        merged = await registry.entities()
        (decision,) = await identity_decisions(registry.store, registry.world)

        await registry.undo(decision.n)
        parted = await registry.entities()
        await registry.hear(say("notes:n", "@type", "sensor", event="3"), say("notes:n", "tag", "T", event="4"))
        still = await registry.entities()
        await registry.undo(await registry.last())

        assert (decision.principal, decision.reason) == ("graphtwin", "the same tag")
        assert len(merged) == len(before) - 1
        assert parted == still == before
        assert await registry.entities() == merged

    async def test_a_record_that_came_because_of_a_merge_goes_where_it_would_have_gone_s13(self, registry: Registry):
        await registry.hear(*sensor("b", reading=2.0, tag="T"))
        await registry.merge(A, B)
        await registry.hear(*sensor("n", "notes", tag="T"))
        joined = await registry.entities()

        number = next(one.n for one in await identity_decisions(registry.store, registry.world) if not one.automatic)
        await registry.undo(number)

        assert joined == {A: ("bus:a", "bus:b", "notes:n")}
        assert await registry.entities() == {A: ("bus:a",), B: ("bus:b", "notes:n")}

    async def test_an_undo_can_be_undone_s13(self, registry: Registry):
        await registry.merge(A, B)
        merged = (await registry.store.head(registry.world)).hash
        first = await registry.last()
        await registry.undo(first)

        await registry.undo(await registry.last())

        assert (await registry.store.head(registry.world)).hash == merged
        decisions = await identity_decisions(registry.store, registry.world)
        assert [one.undone_by for one in decisions] == [None, decisions[2].n, None]

    async def test_a_decision_under_a_later_one_leaves_it_alone_and_does_not_come_back_with_it_s13(
        self, registry: Registry
    ):
        await registry.hear(*sensor("c"))
        await registry.merge(B, C)
        first = await registry.last()
        await registry.merge(A, B)
        second = await registry.last()

        await registry.undo(first)
        standing = await registry.entities()
        await registry.undo(second)

        assert standing == {A: ("bus:a", "bus:b", "bus:c")}
        assert await registry.entities() == {A: ("bus:a",), B: ("bus:b",), C: ("bus:c",)}

    async def test_a_cell_of_another_instant_that_names_the_id_moves_with_it_s13(self, registry: Registry):
        await registry.hear(*sensor("c"), belongs("bus:c", B, at=NOON + MINUTE, event="moved"))

        await registry.merge(A, B)

        head = await registry.store.head(registry.world)
        then = await registry.store.state(registry.world, At(NOON, head.seq))
        assert {name: one.records for name, one in then.entities.items()} == {A: ("bus:a", "bus:b"), C: ("bus:c",)}
        assert await registry.entities() == {A: ("bus:a", "bus:b", "bus:c")}

    async def test_hard_constraints_hold_for_a_person_who_does_not_insist_s13(self, registry: Registry, tmp_path: Path):
        await registry.hear(*sensor("c", serial="1"), *sensor("d", serial="1"), *sensor("e", serial="2"))
        proof = tmp_path / "proof.txt"
        proof.write_text("both plates read 1")
        insisting = Given(by="alice", evidence=str(proof))

        with pytest.raises(Refused, match="serial differ"):
            await registry.merge(C, "sensor:local/e")
        with pytest.raises(Refused, match="distinct"):
            await registry.merge(C, "sensor:local/d")
        with pytest.raises(UsageError, match="with evidence"):
            await registry.merge(C, "sensor:local/d", force=True)
        await registry.merge(C, "sensor:local/d", force=True, given=insisting)
        await registry.hear(*sensor("d", tag="T"), *sensor("c", tag="U"))

        assert (await registry.entities())[C] == ("bus:c", "bus:d")

    async def test_things_of_different_types_are_never_one_s13(self, registry: Registry, tmp_path: Path):
        await registry.hear(born("book:hall", "zone"), located("bus:a", "book:hall"))
        proof = tmp_path / "proof.txt"
        proof.write_text("I insist")

        with pytest.raises(Refused, match="types differ"):
            await registry.merge(A, "zone:local/hall", force=True, given=Given(by="alice", evidence=str(proof)))

    async def test_what_can_not_be_decided_is_refused_and_writes_nothing(self, registry: Registry):
        await registry.hear(*sensor("a", "book"))
        await registry.merge(A, B)
        number = await registry.last()
        await registry.undo(number)
        before = await registry.store.head(registry.world)

        with pytest.raises(UsageError, match="are one already"):
            await registry.merge(A, A)
        with pytest.raises(NotFound, match="no entity"):
            await registry.merge(A, "sensor:local/none")
        with pytest.raises(NotFound, match="isn't a record"):
            await registry.split(A, "bus:b")
        with pytest.raises(UsageError, match="Nothing would be left"):
            await registry.split(A, "bus:a", "book:a")
        with pytest.raises(NotFound, match="no decision"):
            await registry.undo(99)
        with pytest.raises(Conflict, match="was undone by"):
            await registry.undo(number)

        after = await registry.store.head(registry.world)
        assert (after.seq, after.audit_n) == (before.seq, before.audit_n)
