"""What persons decide of values, in every store: the cells, the evidence, the audit record, and the way back (S6, S11, S35)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from contracts.scene import DAY, MINUTE, NOON, TTL, Scene, belongs, born, decide, say

from graphtwin.app.claims import Given, ValueOf, correct_claim, override_claim, withdraw_claim
from graphtwin.app.people import add_user
from graphtwin.errors import NotFound
from graphtwin.methods.state.person_claims import override_record
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Draft
from graphtwin.model.fact import TYPE
from graphtwin.model.instants import format_instant
from graphtwin.model.state import At
from graphtwin.steps.state_transition import state_transition

BUS, NOTE = "bus:s1", "notes:n1"
SENSOR = "sensor:local/s1"


class Desk:
    """A world with one sensor that two sources speak of, and alice who decides in it."""

    def __init__(self, scene: Scene, note: Path) -> None:
        self.scene = scene
        self.given = Given(by="alice", evidence=str(note), reason="seen by eye")

    def about(self, name: str = "reading") -> ValueOf:
        return ValueOf(self.scene.world, SENSOR, name)

    async def correct(self, value: str, name: str = "reading", **more: Any) -> Any:
        return await correct_claim(self.scene.store, self.about(name), value, self.given, **more)

    async def withdraw(self, name: str = "reading", **more: Any) -> Any:
        return await withdraw_claim(self.scene.store, self.about(name), self.given, **more)

    async def override(self, value: str, name: str = "reading", **more: Any) -> Any:
        return await override_claim(self.scene.store, self.about(name), value, self.given, **more)

    async def value(self, name: str = "reading", at: At | None = None) -> Any:
        return await self.scene.value(SENSOR, name, at)

    async def source_says(self, *facts: Any, now: int) -> None:
        """A sync's commit: it takes the world, writes and gives it back."""
        self.scene.lease = await self.scene.store.acquire(self.scene.world, "writer", ttl=TTL)
        await self.scene.write(*facts, now=now)
        await self.scene.store.release(self.scene.lease)


class DecisionsContract:
    @pytest.fixture
    async def desk(self, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
        monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
        monkeypatch.chdir(tmp_path)
        await scene.write(
            born(BUS), born(NOTE), belongs(BUS, SENSOR, event="m1"), belongs(NOTE, SENSOR, event="m2"),
            say(BUS, "reading", 20.0, unit="Cel"), say(BUS, "reading", 21.0, NOON + MINUTE, unit="Cel"),
            say(NOTE, "reading", 30.0, unit="Cel"), say(BUS, "level", 1.0), say(NOTE, "level", 3.0),
            now=NOON + MINUTE,
        )  # fmt: skip
        assert scene.lease is not None
        await scene.store.release(scene.lease)
        await add_user(scene.store, scene.world, "alice", role="approver", public_key=None, by=None)
        note = tmp_path / "note.txt"
        note.write_bytes(b"22 \xb0C on the display")
        return Desk(scene, note)

    async def test_a_correction_overwrites_the_cell_and_newer_readings_take_over_s6(self, desk: Desk):
        decided = await desk.correct("50 [degF]")

        assert await desk.value() == 10.0
        assert await desk.value(at=At(NOON, 2)) == 20.0
        await desk.source_says(say(BUS, "reading", 25.0, NOON + DAY, unit="Cel"), now=NOON + DAY)
        assert await desk.value() == 25.0
        assert await desk.value(at=await desk.scene.at_head(NOON + MINUTE)) == 10.0
        assert decided.commit.seq == 2

    async def test_what_a_source_says_again_of_a_corrected_cell_loses_s7(self, desk: Desk):
        await desk.correct("22")

        await desk.source_says(say(BUS, "reading", 23.0, NOON + MINUTE, unit="Cel", event="late"), now=NOON + MINUTE)

        assert await desk.value() == 22.0

    async def test_the_claim_of_another_instant_can_be_corrected_s8(self, desk: Desk):
        await desk.correct("19", at=format_instant(NOON + 1))

        assert await desk.value(at=await desk.scene.at_head(NOON)) == 19.0
        assert await desk.value() == 21.0

    async def test_a_withdrawn_claim_was_never_said_s6(self, desk: Desk):
        await desk.withdraw()
        uncovered = await desk.value()
        await desk.withdraw()

        assert uncovered == 20.0
        assert await desk.value() == 30.0

    async def test_a_mean_is_decided_on_source_by_source_s11(self, desk: Desk):
        before = await desk.value("level")

        await desk.withdraw("level", source="notes")

        assert 1.0 < before < 3.0
        assert await desk.value("level") == 1.0

    async def test_an_override_outranks_all_until_it_is_withdrawn_s11(self, desk: Desk):
        before = await desk.scene.hash()
        await desk.override("99")
        now = (await desk.scene.store.head(desk.scene.world)).valid
        overridden = await desk.scene.seen(SENSOR)
        await desk.source_says(say(BUS, "reading", 26.0, now + DAY, unit="Cel"), now=now + DAY)
        standing = await desk.value()

        await desk.withdraw()

        assert override_record(SENSOR, "reading") in overridden.records
        assert (overridden.type, overridden.reported["reading"].source) == ("sensor", "override")
        assert (standing, await desk.value()) == (99.0, 26.0)
        await desk.source_says(decide(BUS, "reading", None, now + DAY, op="withdraw", event="undo"), now=now + DAY)
        assert await desk.scene.hash() == before

    async def test_an_override_ends_with_the_first_tick_after_its_until_s4(self, desk: Desk):
        before = await desk.scene.hash()
        await desk.override("99", until="2h")
        begun = (await desk.scene.store.head(desk.scene.world)).valid

        await desk.source_says(now=begun + 119 * MINUTE)
        standing = await desk.value()
        await desk.source_says(now=begun + 121 * MINUTE)

        assert (standing, await desk.value()) == (99.0, 21.0)
        assert await desk.value(at=await desk.scene.at_head(begun + MINUTE)) == 99.0
        assert await desk.scene.hash() == before

    async def test_a_later_override_takes_the_place_of_the_one_before_with_its_end_s11(self, desk: Desk):
        await desk.override("98", until="2h")
        await desk.override("99")
        begun = (await desk.scene.store.head(desk.scene.world)).valid

        await desk.source_says(now=begun + 5 * 60 * MINUTE)
        standing = await desk.value()
        await desk.withdraw()

        assert standing == 99.0
        assert await desk.value() == 21.0

    async def test_an_override_of_what_has_gone_ends_with_it_and_so_does_the_end_it_had_ahead_s12(self, desk: Desk):
        await desk.override("99", until="2h")
        now = (await desk.scene.store.head(desk.scene.world)).valid + MINUTE
        lease = await desk.scene.store.acquire(desk.scene.world, "writer", ttl=TTL)
        async with desk.scene.store.begin(lease) as transaction:
            gone = tuple(say(record, TYPE, None, now, op="end") for record in (BUS, NOTE))
            changes = await transaction.write(Draft(now=now, facts=gone))
            moved = await state_transition(
                transaction, [], Policy(desk.scene.config), now=now, valid=now, run="r", changed=changes
            )
            await transaction.commit("gone", "r")
        await desk.scene.store.release(lease)

        assert sorted((fact.op, fact.valid_from - now > 0) for fact in moved.derived) == [
            ("end", False),
            ("end", False),
            ("withdraw", True),
            ("withdraw", True),
        ]
        assert await desk.scene.store.entity(desk.scene.world, SENSOR) is None
        assert await desk.value(at=await desk.scene.at_head(now - 1)) == 99.0

    async def test_an_override_of_a_mean_stands_alone_s11(self, desk: Desk):
        await desk.override("2.5", "level")

        held = (await desk.scene.seen(SENSOR)).reported["level"]
        assert (held.value, held.disputed, held.low) == (2.5, False, None)

    async def test_a_decision_is_kept_with_who_why_and_the_bytes_s33(self, desk: Desk):
        decided = await desk.override("99")

        (claim, *_) = await desk.scene.store.claims(desk.scene.world, SENSOR, "reading")
        (event,) = await desk.scene.store.events(desk.scene.world, [claim.fact.event])
        kept = await desk.scene.store.evidence(desk.scene.world, claim.fact.event)
        (record,) = await desk.scene.store.audit_of(desk.scene.world, ["override"])
        assert (event.event_type, event.canonical["principal"]) == ("decision", "alice")
        assert kept is not None
        assert kept.raw == b"22 \xb0C on the display"
        assert (record.run, record.body["reason"]) == (decided.run, "seen by eye")
        assert (await desk.scene.store.verify(desk.scene.world)).problems == ()

    async def test_a_rehearsed_decision_says_what_it_would_change_s29(self, desk: Desk):
        before = await desk.scene.store.head(desk.scene.world)
        rehearsal = Given(by="alice", dry_run=True)

        decided = await override_claim(desk.scene.store, desk.about(), "99", rehearsal)

        after = await desk.scene.store.head(desk.scene.world)
        (change,) = [one for part in decided.changes for one in part.values]
        assert change.before is not None
        assert change.after is not None
        assert (change.before.value, change.after.value) == (21.0, 99.0)
        assert (after.seq, after.hash, after.audit_n) == (before.seq, before.hash, before.audit_n)

    async def test_of_what_nobody_claims_nothing_is_corrected(self, desk: Desk):
        with pytest.raises(NotFound, match="Nothing is claimed"):
            await desk.correct("on", "mode")
