"""The audit step: one record a run, the log brought up to it, and what the record says."""

import json
from types import SimpleNamespace

import pytest

from graphtwin.errors import AuditUnwritable
from graphtwin.methods.audit.audit_entries import (
    commit_entry,
    events_digest,
    facts_digest,
    provenance_chain,
    restored_entry,
    rollback_entry,
)
from graphtwin.methods.audit.decisions import signed_document
from graphtwin.model.audit_head import LogHead
from graphtwin.model.commit import Draft, EvidenceItem, Head
from graphtwin.model.configuration.load import parse_twin
from graphtwin.model.fact import claim
from graphtwin.steps.audit import audit
from graphtwin.store.audit_log import AuditLog
from graphtwin.store.audit_verify import verify_log
from graphtwin.store.keys import load_or_create_key, load_public_keys
from graphtwin.store.memory import MemoryStore

TWIN = "world: {id: w}\nsources: {inventory: {type: file, path: inventory.csv}}\n"


def timing(step, outcome="done", **more):
    said = {"step": step, "started_at": 10, "ended_at": 25, "outcome": outcome, "reason": "", "attempts": 1, **more}
    return SimpleNamespace(**said)


STEPS = (
    timing("receive"),
    timing("search"),
    timing("transform"),
    timing("integrate"),
    timing("world_state"),
    timing("act_plan", "skipped", reason="nothing to do"),
    timing("audit"),
)


class Clock:
    def now(self):
        return 1_700_000_000_000_000


@pytest.fixture
async def store():
    store = MemoryStore(Clock())
    await store.create_world(parse_twin(TWIN), Clock().now())
    return store


@pytest.fixture
def log(tmp_path):
    return AuditLog(tmp_path / "w.jsonl", "w", load_or_create_key(tmp_path / "keys"))


def run(store, log, run="run-1"):
    return audit(
        store, log, world="w", run=run, workflow="digital-twin-sync-loop", status="synced", at=30, steps=STEPS,
        sources=("inventory.csv",), prior="v0", counts={"receive": {"messages": 3}}, more={"version": "v1"},
    )  # fmt: skip


async def test_a_run_is_recorded_once_and_the_log_holds_it_signed(store, log, tmp_path):
    first = await run(store, log)
    again = await run(store, log)
    head = await store.head("w")

    check = verify_log(
        log.path,
        load_public_keys(tmp_path / "keys"),
        database=LogHead("w", head.audit_n, head.audit_hash, head.version_id, 0),
    )
    assert check.verdict == "intact"
    assert (first.n, first.hash) == (again.n, again.hash) == (head.audit_n, head.audit_hash)
    assert first.anchors == (f"file:{log.path}", f"tool:audit:w:{first.n}", f"sha256:{first.hash}")


async def test_the_record_has_a_line_for_every_step(store, log):
    await run(store, log)

    records = [json.loads(line) for line in log.path.read_text().splitlines()]
    body = next(record["body"] for record in records if record.get("kind") == "run")
    assert (body["principal"], body["status"], body["version"]) == ("graphtwin", "synced", "v1")
    assert [line["step"] for line in body["tool_log"]] == [step.step.replace("_", "-") for step in STEPS]
    assert body["tool_log"][0]["counts"] == {"messages": 3}
    assert body["tool_log"][5] == {
        "step": "act-plan", "started_at": 10, "ended_at": 25, "outcome": "skipped", "attempts": 1, "counts": {},
        "reason": "nothing to do",
    }  # fmt: skip


async def test_runs_of_a_world_make_one_chain(store, log, tmp_path):
    for number in range(3):
        await run(store, log, run=f"run-{number}")

    check = verify_log(log.path, load_public_keys(tmp_path / "keys"))
    assert (check.verdict, check.heads) == ("intact", 3)


async def test_a_log_that_cannot_be_written_stops_the_step(store, tmp_path):
    (tmp_path / "folder.jsonl").mkdir()
    log = AuditLog(tmp_path / "folder.jsonl", "w", load_or_create_key(tmp_path / "keys"))

    with pytest.raises(AuditUnwritable):
        await run(store, log)


def test_provenance_goes_from_the_sources_through_the_steps_that_were_done():
    chain = provenance_chain(("inventory.csv", "collectors/host.py"), STEPS, "v46")

    assert chain == (
        "inventory.csv → receive",
        "collectors/host.py → receive",
        "v46 → search",
        "search → integrate",
        "receive → transform",
        "transform → integrate",
        "integrate → world-state",
        "world-state → audit",
    )


def fact(value, event="e"):
    return claim(record="s:a", name="x", value=value, valid_from=1, event=event, source="s", evidence="segment")


def test_a_commit_entry_commits_to_facts_and_raw_bytes_whatever_their_order():
    facts = [fact(1), fact({"b": 1, "a": [2.5]}, "f")]
    evidence = [EvidenceItem(f"e{i}", b"raw", "s", "a", 1) for i in range(3)]
    head = Head("w", 4, 1, "sha256:aa", "sha256:bb", "sha256:cc", 7)

    entry = commit_entry([Draft(1, facts=tuple(facts), evidence=tuple(evidence))], head, run="r", at=5)

    assert entry.body["facts"] == {"count": 2, "sha256": facts_digest(reversed(facts))}
    assert entry.body["events"] == {"count": 3, "sha256": events_digest(reversed(evidence))}
    assert entry.body["parent"] == {"version": "v4", "version_id": "sha256:bb", "hash": "sha256:aa"}


@pytest.mark.parametrize("change", [{"value": 2}, {"valid_from": 2}, {"confidence": 0.5}, {"run": "other"}])
def test_the_digest_of_facts_changes_with_what_they_say(change):
    assert facts_digest([fact(1)]) != facts_digest([fact(1)._replace(**change)])


def test_the_digest_of_facts_does_not_know_what_the_store_adds():
    assert facts_digest([fact(1)]) == facts_digest([fact(1)._replace(seq=9, prio=5, evidence="other segment")])


@pytest.mark.parametrize(
    ("undone", "kind"), [("sync-1", "rollback"), ("", "restore")], ids=["of a run", "to a version"]
)
def test_a_rollback_has_an_entry_of_its_own_that_commits_to_its_facts(undone: str, kind: str):
    entry = rollback_entry(run="r", at=1, principal="anna", restore_point="v3", undone=undone, reason="no good")
    head = Head("w", 4, 1, "sha256:aa", "sha256:bb", "sha256:cc", 7)

    told = restored_entry(entry, {"cells": 2}, head, [fact(1)])

    assert (told.kind, told.body["restore_point"], told.body["restored"]) == (kind, "v3", {"cells": 2})
    assert told.body["facts"] == {"count": 1, "sha256": facts_digest([fact(1)])}
    assert signed_document(told) == signed_document(entry)
