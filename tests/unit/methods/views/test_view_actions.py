"""What was decided and done is listed with who, what for, and how far it came."""

from __future__ import annotations

from typing import Any

from graphtwin.methods.audit.audit_chain import link_all
from graphtwin.methods.matching.judgements import merged_entry
from graphtwin.methods.views.view_actions import actions_view
from graphtwin.model.acting import ActRecord
from graphtwin.model.action import ActionStatus
from graphtwin.model.commit import AuditEntry
from graphtwin.model.plan import Request

NOON = 1_768_478_400_000_000


def decision(kind: str, at: int = NOON, **body: Any) -> AuditEntry:
    return AuditEntry(kind, at, f"run-{at}", {"principal": "alice", "reason": "", "evidence": None, **body})


def act(name: str, outcome: Any, covers: Any = "act", place: int = 1) -> ActRecord:
    return ActRecord(
        name, "plan-1", "run", place, covers, "pump-1", "slow", "bms", Request("POST", "/x"), {"speed": 0},
        1, NOON, NOON + place, outcome,
    )  # fmt: skip


def test_a_decision_about_a_value_is_an_action_with_its_evidence():
    entry = decision(
        "override", action="override", entity="pump-1", variable="speed", value=0, unit="r/min", reason="a leak",
        evidence={"ref": "file:note.txt", "sha256": "ab", "bytes": 3},
    )  # fmt: skip

    (one,) = actions_view(link_all("plant", 0, "", [entry]), [])

    assert (one.actor, one.intent, one.status) == ("alice", "a leak", ActionStatus.EXECUTED)
    assert one.changes == ("override pump-1.speed to 0 r/min",)
    assert [anchor.text for anchor in one.anchors] == ["tool:audit:plant:1", "file:note.txt"]


def test_a_merge_by_matching_is_graphtwin_s_own():
    entry = merged_entry("y", "x", ["bus:b"], "the same tag", at=NOON, run="sync-1")

    (one,) = actions_view(link_all("plant", 0, "", [entry]), [])

    assert (one.actor, one.intent, one.changes) == ("graphtwin", "the same tag", ("merge x, y",))


def test_an_act_that_was_compensated_for_is_rolled_back():
    acts = [
        act("a", "done"),
        act("b", "refused", place=2),
        act("c", "done", "compensation"),
        act("d", "intended", place=3),
    ]

    found = {one.action_id: one.status for one in actions_view([], acts)}

    assert found == {
        "a": ActionStatus.ROLLED_BACK,
        "b": ActionStatus.FAILED,
        "c": ActionStatus.EXECUTED,
        "d": ActionStatus.APPROVED,
    }


def test_actions_come_in_the_order_of_their_time():
    late = decision("claim", NOON + 9, action="withdraw", entity="e", variable="v")
    early = decision("identity", NOON, action="split", entities=["x", "y"])

    found = actions_view(link_all("plant", 0, "", [late, early]), [act("a", "done")])

    assert [one.actor for one in found] == ["alice", "graphtwin", "alice"]
