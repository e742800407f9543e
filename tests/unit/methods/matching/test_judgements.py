"""What persons said of pairs of records: the latest word in force counts."""

from __future__ import annotations

from typing import Any

from graphtwin.methods.audit.audit_chain import link_all
from graphtwin.methods.audit.decisions import IDENTITY
from graphtwin.methods.matching.judgements import (
    IdentityDecision,
    Judgements,
    decisions_of,
    judgements_of,
    merged_entry,
    once_undone,
)
from graphtwin.model.commit import AuditEntry


def said(action: str, *groups: list[str], undoes: int | None = None, forced: bool = False) -> AuditEntry:
    body: dict[str, Any] = {
        "principal": "alice",
        "action": action,
        "entities": ["x", "y"],
        "records": [record for group in groups for record in group],
        "groups": list(groups),
        "forced": forced,
    }
    return AuditEntry(IDENTITY, 1, f"run-{action}", {**body, **({"undoes": undoes} if undoes else {})})


def told(*entries: AuditEntry) -> tuple[IdentityDecision, ...]:
    return decisions_of(link_all("plant", 0, "", entries))


def pairs(*names: str) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(name) for name in names)


def test_the_latest_word_about_two_records_counts():
    judged = judgements_of(told(said("split", ["a"], ["b", "c"]), said("merge", ["a"], ["b"], forced=True)))

    assert judged == Judgements({frozenset("ab"): True}, pairs("ac"))


def test_a_split_after_a_merge_leaves_the_rest_of_the_merge_alone():
    judged = judgements_of(told(said("merge", ["a", "b"], ["c"]), said("split", ["a"], ["c"])))

    assert judged == Judgements({frozenset("bc"): False}, pairs("ac"))


def test_what_was_undone_was_never_said_and_an_undo_can_be_undone():
    entries = (said("split", ["a"], ["b"]), said("undo", undoes=1))

    assert judgements_of(told(*entries)) == Judgements()
    assert judgements_of(told(*entries, said("undo", undoes=2))) == Judgements({}, pairs("ab"))
    assert [one.undone_by for one in told(*entries, said("undo", undoes=2))] == [None, 3, None]


def test_how_decisions_stand_without_one_is_known_before_it_is_undone():
    first, second = told(said("split", ["a"], ["b"]), said("undo", undoes=1))

    after = once_undone((first, second), second)

    assert [one.undone_by is None for one in after] == [True, False]


def test_a_merge_by_matching_binds_nobody_until_a_person_undoes_it():
    merged = merged_entry("y", "x", ["b"], "the same tag", at=1, run="sync-1")

    (one,) = told(merged)

    assert (one.automatic, one.entities, one.records, one.reason) == (True, ("x", "y"), ("b",), "the same tag")
    assert judgements_of([one]) == Judgements()
    assert judgements_of(told(merged, said("undo", ["b"], ["a"], undoes=1))) == Judgements({}, pairs("ab"))


def test_who_looks_at_a_record_looks_at_those_it_was_judged_with():
    judged = judgements_of(told(said("split", ["a"], ["b", "c"]), said("merge", ["d"], ["e"])))

    assert judged.partners(["a", "d", "z"]) == {"b", "c", "e"}
    assert judged.partners(["a", "b", "c"]) == set()
