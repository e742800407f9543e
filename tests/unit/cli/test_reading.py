"""Reading a world from the command line: the same answer for people and for programs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from unit.cli.small_world import CONFIG, MINUTE, NOON, Clock, MemoryDoors, commit, details, judged_run

from graphtwin.cli.audit import told
from graphtwin.model.commit import AuditRecord, Draft
from graphtwin.model.configuration.twin import WorldConfig
from graphtwin.model.fact import BEGIN, ENTITY, TYPE, claim, decision
from graphtwin.store.memory import MemoryStore

Typed = Callable[..., Any]
PUMP = "bms:acme/pump-1.a"


def test_a_snapshot_printed_as_json_has_the_hash_that_it_says(graphtwin: Typed, tmp_path: Path) -> None:
    printed = graphtwin("snapshot", "plant", "-o", "json")
    file = tmp_path / "snapshot.json"
    file.write_text(printed.out, encoding="utf-8")

    answer = graphtwin("hash", str(file))

    assert (printed.code, answer.code) == (0, 0)
    assert answer.out.strip() == printed.json["hash"] == graphtwin("hash", "plant").out.strip()


def test_a_snapshot_that_was_changed_is_told_by_its_hash(graphtwin: Typed, tmp_path: Path) -> None:
    file = tmp_path / "snapshot.yaml"
    file.write_text(graphtwin("snapshot", "-o", "yaml").out.replace("1500", "1501"), encoding="utf-8")

    answer = graphtwin("hash", str(file), "-o", "json")

    assert (answer.code, answer.json["agrees"]) == (1, False)


def test_an_older_version_is_shown_as_it_was(graphtwin: Typed) -> None:
    answer = graphtwin("snapshot", "plant", "--version", "v1", "--state", "example", "-o", "json")

    assert (answer.json["version"], answer.json["state"]["entities"][0]["speed"]) == ("v1", 1400)


def test_people_see_a_table_and_the_next_step(graphtwin: Typed) -> None:
    answer = graphtwin("snapshot")

    assert PUMP in answer.out
    assert "speed 1500 r/min" in answer.out
    assert answer.out.strip().splitlines()[-1].startswith("Next: graphtwin why plant")
    assert answer.err == ""


def test_a_difference_has_exit_code_ten_only_when_asked(graphtwin: Typed) -> None:
    codes = [graphtwin("diff", "plant", "v1", "v2", *more).code for more in ((), ("--exit-code",))]

    assert codes == [0, 10]
    assert graphtwin("diff", "v2", "v2", "--exit-code").code == 0


def test_a_difference_names_value_before_and_after(graphtwin: Typed) -> None:
    answer = graphtwin("diff", "plant", "v1", "v2", "-o", "yaml")

    values = yaml.safe_load(answer.out)["values"]

    assert [(one["name"], one["before"]["value"], one["after"]["value"]) for one in values] == [("speed", 1400, 1500)]
    assert "1400 r/min → 1500 r/min" in graphtwin("diff", "v1", "v2").out


@pytest.mark.parametrize("called", [PUMP, "pump-1.a"])
def test_why_shows_claims_winner_and_raw_bytes_however_the_entity_is_called(graphtwin: Typed, called: str) -> None:
    answer = graphtwin("why", f"{called}.speed", "-o", "json")

    winner, loser = answer.json["claims"]

    assert (winner["wins"], winner["value"], winner["source"]) == (True, 1500, "bms")
    assert winner["evidence"]["raw"] == '{"speed": 1500}'
    assert (loser["wins"], loser["value"]) == (False, 900)
    assert winner["score"] > loser["score"]


def test_why_shows_people_the_place_and_the_bytes(graphtwin: Typed) -> None:
    answer = graphtwin("why", "plant", f"{PUMP}.speed")

    assert "bms.jsonl:2" in answer.out
    assert '{"speed": 1500}' in answer.out


def test_why_shows_the_rule_that_derived_a_value(graphtwin: Typed, doors: MemoryDoors) -> None:
    record, event = f"rule:watch/{PUMP}", "rule:watch:sync-3:assert"
    derived = [
        decision(record=record, name=name, value=value, valid_from=BEGIN, event=event, source="rule", kind="inference")
        for name, value in ((TYPE, "pump"), (ENTITY, PUMP), ("mood", "tired"))
    ]
    asyncio.run(commit(doors.store, "sync-3", Draft(NOON + 2 * MINUTE, tuple(derived))))

    answer, read = graphtwin("why", f"{PUMP}.mood", "-o", "json"), graphtwin("why", f"{PUMP}.mood")

    assert answer.json["claims"][0]["rule"] == {
        "id": "watch", "description": "a pump that runs gets tired", "cypher": "MATCH (p:Pump) RETURN p.id AS subject",
    }  # fmt: skip
    assert "derived by rule watch: a pump that runs gets tired" in read.out
    assert "MATCH (p:Pump)" in read.out


def test_history_has_the_newest_first(graphtwin: Typed) -> None:
    answer = graphtwin("history", f"{PUMP}.speed", "-o", "json")

    assert sorted((one["valid_from"], one["value"]) for one in answer.json) == [
        ("2026-01-15T12:00:00Z", 1400),
        ("2026-01-15T12:01:00Z", 900),
        ("2026-01-15T12:01:00Z", 1500),
    ]
    assert answer.json[-1]["value"] == 1400


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("why", f"{PUMP}.sped"), 3, "It has: feeds, speed"),
        (("why", "pomp-1.a.speed"), 3, "Did you mean"),
        (("why", "speed"), 2, "names no variable"),
        (("why",), 2, "Missing argument"),
        (("why", "a", "b", "c"), 2, "instead of 1 or 2"),
        (("snapshot", "garden"), 3, "garden"),
        (("snapshot", "--version", "v9"), 3, "v2"),
        (("snapshot", "--at", "yesterday"), 2, "2026-01-31T12:00:00Z"),
        (("diff", "v1", "latest"), 2, "v12"),
        (("diff", "v1", "v7"), 3, "v2"),
        (("history", f"{PUMP}.speed", "--layer", "dreamt"), 2, "reported"),
        (("snapshot", "-o", "xml"), 2, "xml"),
        (("hash", "no-such-world"), 3, "no-such-world"),
    ],
)
def test_a_mistake_gets_its_exit_code_and_a_hint_without_a_traceback(
    graphtwin: Typed, words: tuple[str, ...], code: int, said: str
) -> None:
    answer = graphtwin(*words)

    assert (answer.code, answer.out) == (code, "")
    assert said in " ".join(answer.err.split())
    assert "Traceback" not in answer.err


def test_drift_and_risk_show_what_the_last_sync_found(graphtwin: Typed) -> None:
    drift, risk = graphtwin("drift", "--exit-code"), graphtwin("risk")

    assert drift.code == 10
    assert "pump-1.a runs too fast [red]" in drift.out
    assert "0.35" in risk.out
    assert "≤ 1600" in risk.out


def test_drift_and_risk_are_data_for_programs(graphtwin: Typed) -> None:
    drift, risk = graphtwin("drift", "-o", "json").json, graphtwin("risk", "-o", "json").json

    assert [one["id"] for one in drift["findings"]] == ["f-1"]
    assert (risk["current_risk"], risk["by_entity"]["forecasted"]) == (0.35, {PUMP: 0.45})


def test_a_sync_that_stopped_before_it_looked_doesnt_hide_the_drift_found_before(
    graphtwin: Typed, doors: MemoryDoors
) -> None:
    told = {**details(), "threshold": None, "findings": [], "stopped": "no source answered"}
    stopped = replace(
        judged_run(), id="sync-3", started_at=NOON + 2 * MINUTE, status="failed", details={"report": told}
    )
    asyncio.run(doors.store.save_run(stopped))

    answer, data = graphtwin("drift", "--exit-code"), graphtwin("drift", "-o", "json").json

    assert answer.code == 10
    assert "stopped before it looked for drift: no source answered" in answer.out
    assert (data["workflow_id"], data["stopped_since"]["workflow_id"]) == ("sync-2", "sync-3")


def test_worlds_are_listed_and_shown(graphtwin: Typed) -> None:
    listed, shown = graphtwin("world", "list", "-o", "json").json, graphtwin("world", "show", "-o", "json").json

    assert [one["world"] for one in listed] == ["plant"]
    assert shown["types"] == {"pump": 1, "tank": 1}
    assert [one["version"] for one in shown["versions"]] == ["v2", "v1"]
    assert "observes and never acts" in graphtwin("world", "show").out


def test_the_world_may_be_named_by_the_environment(graphtwin: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPHTWIN_WORLD", "elsewhere")

    codes = [
        graphtwin(*words).code for words in (("drift",), ("why", f"{PUMP}.speed"), ("why", "plant", f"{PUMP}.speed"))
    ]

    assert codes == [3, 3, 0]


def test_a_name_that_several_entities_have_is_asked_back(graphtwin: Typed, doors: MemoryDoors) -> None:
    twins = [
        claim(record=f"bms:{hall}/fan", name=TYPE, value="pump", valid_from=BEGIN, event=hall, source="bms")
        for hall in "ab"
    ]
    asyncio.run(commit(doors.store, "sync-3", Draft(NOON + 2 * MINUTE, tuple(twins))))

    answer = graphtwin("why", "fan.speed")

    assert answer.code == 2
    assert "bms:a/fan, bms:b/fan" in answer.err


def test_several_worlds_want_to_be_told_apart(graphtwin: Typed, doors: MemoryDoors) -> None:
    other = CONFIG.model_copy(update={"world": CONFIG.world.model_copy(update={"id": "garden"})})
    asyncio.run(doors.store.create_world(other, NOON))

    answer = graphtwin("drift")

    assert answer.code == 2
    assert "plant, garden" in answer.err


def test_without_a_world_the_beginning_is_shown(graphtwin: Typed, doors: MemoryDoors) -> None:
    doors.store = MemoryStore(Clock())

    listed, shown = graphtwin("world", "list"), graphtwin("snapshot")

    assert (listed.code, shown.code) == (0, 3)
    assert "graphtwin demo" in listed.out
    assert "graphtwin demo" in shown.err


def test_a_world_verifies_and_is_rebuilt(graphtwin: Typed) -> None:
    verified, rebuilt = graphtwin("verify", "-o", "json"), graphtwin("rebuild")

    assert (verified.code, verified.json["passed"], rebuilt.code) == (0, True, 0)
    assert "verified" in rebuilt.out


def test_quarantine_says_why_and_what_to_do(graphtwin: Typed) -> None:
    answer = graphtwin("source", "quarantine")

    assert "not a number" in answer.out
    assert "write 12.5" in answer.out
    assert graphtwin("source", "quarantine", "--source", "bms", "-o", "json").json == []


def test_of_several_worlds_the_newest_stands_in_a_command_to_paste(graphtwin: Typed, doors: MemoryDoors) -> None:
    asyncio.run(doors.store.create_world(CONFIG.model_copy(update={"world": WorldConfig(id="bare")}), 1))

    why, shown = graphtwin("why", "pump-1.a.speed"), graphtwin("world", "show", "-o", "json")

    assert (why.code, shown.code) == (2, 2)
    assert "several worlds, the newest first: plant, bare" in why.err
    assert "Name one: graphtwin why plant pump-1.a.speed" in why.err
    assert "Name one: graphtwin world show plant -o json" in shown.err


def test_a_run_that_a_later_one_overtook_is_shown_as_interrupted(graphtwin: Typed, doors: MemoryDoors) -> None:
    for name, started in (("killed", NOON - MINUTE), ("now", NOON + MINUTE)):
        begun = replace(judged_run(), id=name, started_at=started, ended_at=None, status="running", report=None)
        asyncio.run(doors.store.save_run(begun))

    shown = graphtwin("world", "show", "-o", "json").json["runs"]

    assert [(one["run"], one["status"]) for one in shown] == [
        ("now", "running"), ("sync-2", "drift_detected"), ("killed", "interrupted"),
    ]  # fmt: skip


def test_a_run_at_work_shows_the_steps_that_it_has_behind_it(graphtwin: Typed, doors: MemoryDoors) -> None:
    line = {"step": "detect-anomaly", "outcome": "done", "milliseconds": 12.4, "reason": ""}
    begun = replace(judged_run(), id="now", ended_at=None, status="running", report=None, details={"steps": [line]})
    asyncio.run(doors.store.save_run(begun))

    shown = graphtwin("run", "show", "plant", "now")

    assert re.search(r"detect-anomaly\W+done\W+12\b", shown.out)


def test_a_day_alone_is_its_first_moment_and_that_is_said_once(graphtwin: Typed) -> None:
    answer = graphtwin("snapshot", "--at", "2030-01-01", "-o", "json")

    assert answer.code == 0
    assert answer.err.count("2030-01-01 is read as 2030-01-01T00:00:00Z") == 1


def test_a_single_version_beside_a_world_is_told_what_is_lacking(graphtwin: Typed) -> None:
    answer = graphtwin("diff", "plant", "v2")

    assert answer.code == 2
    assert "only v2 is given" in answer.err
    assert "graphtwin diff plant v1 v2" in answer.err


def test_an_audit_record_is_told_in_words() -> None:
    counts = {"facts": {"count": 14}, "events": {"count": 2}, "parent": {"version": "v0"}, "quarantined": 1}
    steps = [{"step": "receive", "outcome": "done"}, {"step": "act-plan", "outcome": "skipped"}]
    bodies = {
        "commit": counts,
        "run": {"status": "drift_detected", "tool_log": steps, "stopped": ""},
        "configuration": {"changes": ["schedule.interval: 5m → 1m", "world.title: a → b"]},
        "rollback": {
            "restore_point": "v12",
            "undone": "sync-1",
            "restored": {"cells": 1},
            "reason": "the port is wrong",
        },
        "restore": {"restore_point": "v7", "undone": "", "principal": "anna", "restored": {"cells": 3}, "reason": ""},
        "other": {"a": 1},
    }

    lines = [told(AuditRecord("w", 1, 1, kind, "r", body, "", "")) for kind, body in bodies.items()]

    assert lines == [
        "14 facts from 2 events upon v0, 1 quarantined",
        "drift detected: 1 of 2 steps done",
        "twin.yaml: schedule.interval: 5m → 1m and 1 more",
        "back to v12 of sync-1, 1 cell: the port is wrong",
        "back to v7 by anna, 3 cells",
        '{"a": 1}',
    ]


def test_the_audit_chain_is_shown_oldest_first(graphtwin: Typed) -> None:
    answer = graphtwin("audit", "show", "-o", "json")

    assert [(one["n"], one["run"]) for one in answer.json] == [(1, "sync-1"), (2, "sync-2")]


def test_an_audit_log_that_is_not_there_is_not_intact(graphtwin: Typed, tmp_path: Path) -> None:
    answer = graphtwin("audit", "verify", "--log", str(tmp_path / "none.jsonl"))

    assert answer.code != 0
    assert "Traceback" not in answer.err
