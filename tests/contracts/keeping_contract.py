"""What is kept beside facts: cursors, events, evidence, quarantine, audit, runs (S5, S20, S33)."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from contracts.scene import MINUTE, NOON, Scene, born, say

from graphtwin.errors import NotFound
from graphtwin.methods.audit.audit_chain import verify_chain
from graphtwin.model.commit import AuditEntry, Draft, EventRecord, EvidenceItem, Quarantined, RunRecord
from graphtwin.model.pulse import RunMark

S = "bus:s1"


def event(number: int) -> EventRecord:
    return EventRecord(
        f"event-{number}",
        "bus",
        NOON + number,
        "observation",
        f"file:bus.jsonl:{number}",
        S,
        {"n": number, "é": [True]},
    )


def evidence(number: int, raw: bytes | None = None) -> EvidenceItem:
    return EvidenceItem(f"event-{number}", raw or b"raw \x00\xff %d" % number, "bus", f"file:bus.jsonl:{number}", NOON)


def refused(number: int, at: int, source: str = "bus") -> Quarantined:
    raw = b"{bad %d" % number
    return Quarantined(
        f"q-{number}",
        source,
        f"bus.jsonl:{number}",
        "not JSON",
        "mend it",
        raw,
        len(raw),
        sha256(raw).hexdigest(),
        at,
        "run",
    )


def run(number: int, world: str, status: str = "synced") -> RunRecord:
    return RunRecord(
        f"{world}-run-{number}", world, "digital-twin-sync-loop", NOON + number, NOON + number + 1, status, "summarize",
        {"twin": {"n": number}}, {"steps": [1, 2.5, None]},
    )  # fmt: skip


class KeepingContract:
    async def test_cursors_become_durable_with_their_commit_s20(self, scene: Scene):
        await scene.write(born(S), cursors={"bus": {"offset": 10, "generation": ["a", 1]}, "book": {"offset": 3}})

        await scene.write(say(S, "reading", 1), cursors={"bus": {"offset": 20}})

        assert dict(await scene.store.cursors(scene.world)) == {"bus": {"offset": 20}, "book": {"offset": 3}}

    async def test_what_makes_no_version_is_still_kept_s4(self, scene: Scene):
        await scene.write(born(S))
        before = await scene.store.head(scene.world)
        assert scene.lease is not None

        async with scene.store.begin(scene.lease) as transaction:
            draft = Draft(
                now=NOON,
                events=(event(1),),
                evidence=(evidence(1),),
                quarantined=(refused(1, NOON),),
                cursors={"bus": {"n": 1}},
            )
            await transaction.write(draft)
            await transaction.record((AuditEntry("sync", NOON, "run", {"n": 1}),), run(1, scene.world))
            commit = await transaction.commit("key", "run")

        head = await scene.store.head(scene.world)
        assert commit is None
        assert (head.seq, head.hash, head.audit_n) == (before.seq, before.hash, 1)
        assert dict(await scene.store.cursors(scene.world)) == {"bus": {"n": 1}}
        assert await scene.store.known_events(scene.world, ["event-1"]) == {"event-1"}
        assert await scene.store.evidence(scene.world, "event-1") == evidence(1)
        assert len(await scene.store.quarantined(scene.world)) == 1
        assert len(await scene.store.audit(scene.world)) == 1
        assert len(await scene.store.runs(scene.world)) == 1

    async def test_committed_events_are_known_and_found_s5(self, scene: Scene):
        await scene.write(events=(event(2), event(1)))

        assert await scene.store.known_events(scene.world, ["event-1", "event-2", "event-3"]) == {"event-1", "event-2"}
        assert await scene.store.known_events(scene.world, []) == frozenset()
        assert await scene.store.events(scene.world, ["event-2", "event-9", "event-1"]) == (event(1), event(2))

    async def test_of_a_redelivered_event_the_first_is_kept_s5(self, scene: Scene):
        await scene.write(events=(event(1),), evidence=(evidence(1),))

        changed = replace(event(1), event_type="alarm")
        await scene.write(events=(changed,), evidence=(evidence(1, b"other bytes"),))

        assert await scene.store.events(scene.world, ["event-1"]) == (event(1),)
        assert await scene.store.evidence(scene.world, "event-1") == evidence(1)

    async def test_evidence_comes_back_byte_for_byte_s33(self, scene: Scene):
        items = tuple(evidence(number, bytes(range(256)) * number) for number in range(1, 20))
        await scene.write(*(born(f"bus:s{n}", event=f"event-{n}") for n in range(1, 20)), evidence=items)

        for item in items:
            assert await scene.store.evidence(scene.world, item.event) == item
        assert await scene.store.evidence(scene.world, "event-99") is None
        named = ["event-99", *(item.event for item in reversed(items))]
        assert await scene.store.evidence_of(scene.world, named) == tuple(sorted(items, key=lambda one: one.event))

    async def test_evidence_larger_than_a_segment_comes_back_whole_s33(self, scene: Scene):
        blocks = [sha256(b"%d" % number).digest() for number in range(8000)]
        items = tuple(evidence(number, b"".join(blocks[number:])) for number in range(6))

        await scene.write(born(S), evidence=items)

        assert [await scene.store.evidence(scene.world, item.event) for item in items] == list(items)

    async def test_quarantine_is_listed_newest_first_and_by_source_s2(self, scene: Scene):
        await scene.write(quarantined=(refused(1, NOON), refused(2, NOON + MINUTE), refused(3, NOON, "book")))
        await scene.write(quarantined=(refused(1, NOON + 9 * MINUTE),))

        listed = await scene.store.quarantined(scene.world)

        assert [one.id for one in listed] == ["q-2", "q-1", "q-3"]
        assert listed[0] == refused(2, NOON + MINUTE)
        assert [one.id for one in await scene.store.quarantined(scene.world, source="book")] == ["q-3"]
        assert [one.id for one in await scene.store.quarantined(scene.world, limit=1)] == ["q-2"]

    async def test_the_audit_chain_goes_on_from_commit_to_commit_s20(self, scene: Scene):
        assert scene.lease is not None
        for number in range(3):
            async with scene.store.begin(scene.lease) as transaction:
                await transaction.write(Draft(now=NOON, facts=(say(S, "reading", number),)))
                entries = [AuditEntry(kind, NOON + number, "run", {"n": number, "é": [1.5]}) for kind in ("a", "b")]
                await transaction.record(entries)
                await transaction.commit(f"key-{number}", "run")

        records = await scene.store.audit(scene.world)

        head = await scene.store.head(scene.world)
        assert [(record.n, record.kind) for record in records] == [(n, "ab"[(n + 1) % 2]) for n in range(1, 7)]
        assert verify_chain(records) is None
        assert (head.audit_n, head.audit_hash) == (6, records[-1].hash)
        assert [record.n for record in await scene.store.audit(scene.world, after=2, limit=3)] == [3, 4, 5]

    async def test_a_transaction_that_is_left_records_nothing_s20(self, scene: Scene):
        assert scene.lease is not None
        async with scene.store.begin(scene.lease) as transaction:
            await transaction.record((AuditEntry("sync", NOON, "run", {}),), run(1, scene.world))

        assert await scene.store.audit(scene.world) == ()
        assert await scene.store.runs(scene.world) == ()

    async def test_runs_are_listed_newest_first_and_kept_once_s20(self, scene: Scene):
        for number in (1, 3, 2):
            await scene.store.save_run(run(number, scene.world))
        await scene.store.save_run(replace(run(3, scene.world), status="failed", ended_at=None, report=None))

        listed = await scene.store.runs(scene.world)

        assert [one.started_at - NOON for one in listed] == [3, 2, 1]
        assert (listed[0].status, listed[0].ended_at, listed[0].report) == ("failed", None, None)
        assert listed[1] == run(2, scene.world)
        assert len(await scene.store.runs(scene.world, limit=2)) == 2

    async def test_two_worlds_may_have_runs_of_one_name_s3(self, scene: Scene):
        other = await Scene.make(scene.store, scene.world + "-2")
        named = [replace(run(1, world), id=f"{scene.world}-run") for world in (scene.world, other.world)]

        for one in named:
            await scene.store.save_run(one)

        assert await scene.store.runs(scene.world) == (named[0],)
        assert await scene.store.runs(other.world) == (named[1],)

    @pytest.mark.parametrize("ids", [["event-1"], []])
    async def test_events_of_no_world_are_not_found(self, scene: Scene, ids: list[str]):
        with pytest.raises(NotFound):
            await scene.store.known_events(scene.world + "-none", ids)
        with pytest.raises(NotFound):
            await scene.store.events(scene.world + "-none", ids)

    async def test_an_audit_body_that_is_no_json_is_refused_and_nothing_is_written_s20(self, scene: Scene):
        async def record_nonsense() -> None:
            assert scene.lease is not None
            async with scene.store.begin(scene.lease) as transaction:
                await transaction.write(Draft(now=NOON, facts=(born(S),)))
                await transaction.record((AuditEntry("sync", NOON, "run", {"nan": float("nan")}),))
                await transaction.commit("key", "run")

        with pytest.raises(ValueError):
            await record_nonsense()

        assert (await scene.store.head(scene.world)).seq == 0

    async def test_where_runs_stand_is_told_from_an_instant_on_without_their_reports(self, scene: Scene):
        for number in (1, 3, 2):
            await scene.store.save_run(run(number, scene.world))

        since = await scene.store.runs_since(scene.world, NOON + 2, limit=5)

        assert [one.started_at - NOON for one in since] == [2, 3]
        assert since[0] == RunMark(
            f"{scene.world}-run-2", "digital-twin-sync-loop", NOON + 2, NOON + 3, "synced", "summarize"
        )
        assert await scene.store.runs_since(scene.world, NOON + 2, limit=1) == since[:1]
        assert await scene.store.runs_since(scene.world, NOON + 2, after=since[0].id, limit=5) == since[1:]
        with pytest.raises(NotFound):
            await scene.store.runs_since("nonesuch", NOON, limit=1)

    async def test_a_pulse_changes_with_each_commit_each_record_and_each_run_that_goes_on_s19(self, scene: Scene):
        assert scene.lease is not None
        pulses = [await scene.store.pulse(scene.world, runs=2)]

        await scene.write(born(S))
        pulses.append(await scene.store.pulse(scene.world, runs=2))
        async with scene.store.begin(scene.lease) as transaction:
            await transaction.record((AuditEntry("sync", NOON, "run", {}),))
            await transaction.commit("key", "run")
        pulses.append(await scene.store.pulse(scene.world, runs=2))
        for number in (1, 3, 2):
            await scene.store.save_run(run(number, scene.world))
        pulses.append(await scene.store.pulse(scene.world, runs=2))
        await scene.store.save_run(replace(run(3, scene.world), step="plan"))
        pulses.append(await scene.store.pulse(scene.world, runs=2))

        assert [(one.seq, one.audit_n) for one in pulses] == [(0, 0), (1, 0), (1, 1), (1, 1), (1, 1)]
        assert [one.started_at - NOON for one in pulses[3].runs] == [3, 2]
        assert [one.step for one in pulses[4].runs] == ["plan", "summarize"]
        with pytest.raises(NotFound):
            await scene.store.pulse("nonesuch", runs=1)
