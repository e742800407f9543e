"""What the audit chain committed to is compared with what a version holds."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from contracts.scene import NOON, born, say

from graphtwin.methods.audit.audit_chain import link
from graphtwin.methods.audit.audit_entries import commit_entry
from graphtwin.methods.audit.audit_history import Promise, history_problems, promise_of, promised_versions
from graphtwin.model.commit import AuditEntry, Commit, Draft, EvidenceItem, Head

HEAD = Head("w", 0, NOON, "sha256:0", "sha256:1", "c", NOON)
FACTS = [born("bus:a", event="e"), say("bus:a", "reading", 1, event="e")]
PIECES = {"e": sha256(b"bytes").hexdigest()}


def promised() -> Promise:
    evidence = (EvidenceItem("e", b"bytes", "bus", "bus.jsonl:1", NOON),)
    entry = commit_entry([Draft(NOON, facts=tuple(FACTS), evidence=evidence)], HEAD, run="r", at=NOON)
    promise = promise_of(link("w", None, entry))
    assert promise is not None
    return promise


def version(seq: int, run: str) -> Commit:
    return Commit("w", seq, f"k{seq}", run, NOON, NOON, "h", "v", "p", "c", 2)


def test_what_was_committed_is_as_promised_whatever_its_order():
    assert list(history_problems(1, promised(), FACTS[::-1], PIECES)) == []


def test_a_fact_that_says_something_else_names_the_version_and_both_digests():
    forged = [FACTS[0], FACTS[1]._replace(value=2)]

    [problem] = history_problems(1, promised(), forged, PIECES)

    assert problem.startswith("v1 has 2 facts with the digest ")
    assert problem.endswith(f"audit record 1 committed to 2 with {promised().facts[1]}")


def test_other_raw_bytes_than_promised_are_told():
    [problem] = history_problems(1, promised(), FACTS, {"e": "0" * 64})

    assert problem.startswith("the raw bytes behind v1 have the digest ")


def test_raw_bytes_that_were_erased_break_no_promise():
    assert list(history_problems(1, promised(), FACTS, {})) == []


def test_a_record_that_commits_to_no_facts_promises_nothing():
    assert promise_of(link("w", None, AuditEntry("sync", NOON, "r", {"facts": 7}))) is None


def test_a_promise_is_about_the_one_version_of_its_run():
    one, twice = promised(), replace(promised(), run="twice")

    found = promised_versions([one, twice], [version(1, "r"), version(2, "twice"), version(3, "twice")])

    assert found == {1: one}
