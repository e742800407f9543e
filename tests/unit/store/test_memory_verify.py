"""The store in memory finds what was changed behind its back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contracts.scene import NOON, Scene, SteppingClock, born, say

from graphtwin.errors import IntegrityError
from graphtwin.methods.audit.audit_entries import commit_entry
from graphtwin.model.commit import AuditEntry, Draft, EvidenceItem
from graphtwin.store.memory import MemoryStore


@pytest.fixture
async def scene() -> Scene:
    scene = await Scene.make(MemoryStore(SteppingClock()), "w")
    assert scene.lease is not None
    async with scene.store.begin(scene.lease) as transaction:
        evidence = (EvidenceItem("e", b"raw", "bus", "file:bus.jsonl:1", NOON),)
        await transaction.write(Draft(now=NOON, facts=(born("bus:a"), say("bus:a", "reading", 1)), evidence=evidence))
        await transaction.record((AuditEntry("sync", NOON, "run", {"n": 1}),))
        await transaction.commit("key", "run")
    return scene


def world_of(scene: Scene):
    assert isinstance(scene.store, MemoryStore)
    return scene.store._worlds["w"]


async def test_a_sound_world_has_no_problems(scene: Scene):
    verified = await scene.store.verify("w")

    assert verified.problems == ()
    assert dict(verified.checks) == {"hash": 1, "facts": 2, "versions": 2, "audit": 1, "evidence": 1}


async def test_a_changed_fact_is_found(scene: Scene):
    world = world_of(scene)
    world.facts[1] = world.facts[1]._replace(value=2)

    assert [problem.partition(":")[0] for problem in (await scene.store.verify("w")).problems] == ["hash"]


async def test_a_changed_version_is_found(scene: Scene):
    world = world_of(scene)
    world.commits[1] = replace(world.commits[1], version_id="sha256:0")

    assert [problem.partition(":")[0] for problem in (await scene.store.verify("w")).problems] == ["versions"]


async def test_a_changed_audit_record_is_found(scene: Scene):
    world = world_of(scene)
    world.audit[0] = replace(world.audit[0], body={"n": 2})

    assert [problem.partition(":")[0] for problem in (await scene.store.verify("w")).problems] == ["audit"]


async def test_changed_evidence_is_found_and_not_given_out(scene: Scene):
    world = world_of(scene)
    item, digest = world.evidence["e"]
    world.evidence["e"] = (replace(item, raw=b"row"), digest)

    assert [problem.partition(":")[0] for problem in (await scene.store.verify("w")).problems] == ["evidence"]
    with pytest.raises(IntegrityError):
        await scene.store.evidence("w", "e")


async def test_altered_history_is_found_though_nothing_of_it_shows_today(scene: Scene):
    assert scene.lease is not None
    for number in (1, 2):
        draft = Draft(now=NOON + number, facts=(say("bus:a", "reading", number, NOON + number),))
        async with scene.store.begin(scene.lease) as transaction:
            await transaction.write(draft)
            await transaction.record([commit_entry([draft], transaction.head, run=f"r{number}", at=NOON)])
            await transaction.commit(f"r{number}", f"r{number}")
    assert (await scene.store.verify("w")).passed
    world = world_of(scene)
    world.facts = [fact._replace(value=9) if fact.seq == 2 else fact for fact in world.facts]

    [problem] = (await scene.store.verify("w")).problems

    assert problem.startswith("history: v2 has 1 facts with the digest ")
