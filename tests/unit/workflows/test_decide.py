"""A small decision: facts, rules, audit and log, or nothing of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from contracts.machines_contract import MACHINE_STAND_INS, START, TYPES
from contracts.scene import HOT, NOON, STAND_INS, Scene, SteppingClock, born, say
from contracts.scene import decide as said

from graphtwin.errors import Conflict, Refused
from graphtwin.model.commit import AuditEntry, Draft, EvidenceItem
from graphtwin.store.audit_log import AuditLog
from graphtwin.store.audit_verify import verify_log
from graphtwin.store.keys import load_or_create_key, load_public_keys
from graphtwin.store.memory import MemoryStore
from graphtwin.workflows.decide import Decided, Decision, Turn, decide, rehearse

S = "bus:s1"
RULES = [replace(HOT, writes=frozenset({"mode"}))]


@pytest.fixture
async def scene() -> Scene:
    made = await Scene.make(MemoryStore(SteppingClock(), rules=STAND_INS), "plant")
    await made.write(born(S), say(S, "reading", 20))
    assert made.lease is not None
    await made.store.release(made.lease)
    return made


@pytest.fixture
def sink(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path / "plant.jsonl", "plant", load_or_create_key(tmp_path / "keys"))


async def hotter(turn: Turn) -> Decision:
    fact = said(S, "reading", 40, turn.now, event=f"decision:{turn.run}")
    raw = EvidenceItem(fact.event, b"seen by eye", "bus", "file:note.txt", turn.at)
    return Decision((AuditEntry("claim", turn.at, turn.run, {"why": "a note"}),), facts=(fact,), evidence=(raw,))


async def heat(scene: Scene, sink: AuditLog, run: str = "run-1") -> Decided:
    return await decide(scene.store, sink, scene.config, hotter, clock=SteppingClock(), run=run, rules=RULES)


async def test_rules_run_on_what_is_decided_in_the_same_version(scene: Scene, sink: AuditLog):
    decided = await heat(scene, sink)

    assert decided.commit
    assert decided.commit.seq == 2
    assert (await scene.value(S, "reading"), await scene.value(S, "mode")) == (40, "alarm")
    assert {one.name for changes in decided.changes for one in changes.values} == {"reading", "mode", "finding:hot"}


async def test_the_record_commits_to_what_was_written_and_is_exported(scene: Scene, sink: AuditLog, tmp_path: Path):
    await heat(scene, sink)

    (record,) = await scene.store.audit("plant")
    assert (record.kind, record.body["why"], record.body["parent"]["version"]) == ("claim", "a note", "v1")
    assert record.body["events"]["count"] == 1
    assert record.body["facts"]["count"] > 1
    assert not [one for one in (await scene.store.verify("plant")).problems if one.startswith("history")]
    assert verify_log(sink.path, load_public_keys(tmp_path / "keys")).intact


async def test_a_rehearsal_says_the_same_and_leaves_nothing(scene: Scene, sink: AuditLog):
    before = await scene.store.head("plant")

    rehearsed = await rehearse(scene.store, scene.config, hotter, clock=SteppingClock(), run="r", rules=RULES)

    left = await scene.store.head("plant")
    made = await heat(scene, sink)
    assert (left.seq, left.hash, left.audit_n) == (before.seq, before.hash, 0)
    assert rehearsed.commit is None
    assert [one.after_hash for one in rehearsed.changes] == [one.after_hash for one in made.changes]


async def test_what_the_maker_refuses_was_never_written(scene: Scene, sink: AuditLog):
    async def refuse(turn: Turn) -> Decision:
        raise Refused(f"not at {turn.head.version}")

    with pytest.raises(Refused, match="not at v1"):
        await decide(scene.store, sink, scene.config, refuse, clock=SteppingClock(), run="r")

    assert (await heat(scene, sink)).commit is not None


async def test_another_configuration_applied_since_is_a_conflict(scene: Scene, sink: AuditLog):
    old = scene.config
    changed = old.model_copy(update={"world": old.world.model_copy(update={"title": "new"})})
    lease = await scene.store.acquire("plant", "x", ttl=1_000_000)
    async with scene.store.begin(lease) as transaction:
        await transaction.write(Draft(now=NOON, configuration=changed.normalised()))
        await transaction.commit("x", "x")
    await scene.store.release(lease)

    with pytest.raises(Conflict, match="was changed by somebody else"):
        await heat(scene, sink)


async def test_a_record_alone_makes_no_version(scene: Scene, sink: AuditLog):
    async def note(turn: Turn) -> Decision:
        return Decision((AuditEntry("note", turn.at, turn.run, {}),))

    decided = await decide(scene.store, sink, scene.config, note, clock=SteppingClock(), run="r")

    assert (decided.commit, decided.changes) == (None, ())
    assert [one.kind for one in await scene.store.audit("plant")] == ["note"]


async def test_the_record_tells_of_the_steps_that_state_machines_took_s22(sink: AuditLog):
    scene = await Scene.make(MemoryStore(SteppingClock(), rules=MACHINE_STAND_INS), "plant", types=TYPES)
    await scene.write(born(S), say(S, "mode", "idle"), say(S, "reading", 20))
    assert scene.lease is not None
    await scene.store.release(scene.lease)

    decided = await decide(scene.store, sink, scene.config, hotter, clock=SteppingClock(), run="r", rules=[START])

    (record,) = await scene.store.audit("plant")
    (step,) = record.body["transitions"]
    assert decided.commit is not None
    assert (step["subject"], step["from"], step["to"], step["rules"]) == (S, "idle", "cooling", ["start"])
    assert await scene.value(S, "mode") == "cooling"
    assert not [one for one in (await scene.store.verify("plant")).problems if one.startswith("history")]
