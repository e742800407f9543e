"""Syncing from the command line: the contract for programs, a calm page for people, the exit codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from unit.cli.small_world import MemoryDoors, golden_report

from graphtwin import app
from graphtwin.app.bench import BENCHES
from graphtwin.app.demo_story import DemoOutcome
from graphtwin.errors import ConfigurationError, ConfigurationProblem, TooSoon
from graphtwin.model.configuration.load import load_twin

Typed = Callable[..., Any]


@pytest.fixture
def twin(tmp_path: Path) -> str:
    path = tmp_path / "twin.yaml"
    path.write_text("world: {id: plant}\n", encoding="utf-8")
    return str(path)


def test_sync_prints_exactly_the_contract(
    graphtwin: Typed, doors: MemoryDoors, outcome: app.SyncOutcome, twin: str
) -> None:
    doors.outcome = outcome

    answer = graphtwin("sync", twin, "-o", "json")

    assert list(answer.json) == list(golden_report())
    assert answer.json["twin_snapshot"] == golden_report()["twin_snapshot"]
    assert doors.calls == [("twin.yaml", "", None, "auto")]


def test_details_add_one_field(graphtwin: Typed, doors: MemoryDoors, outcome: app.SyncOutcome, twin: str) -> None:
    doors.outcome = outcome

    answer = graphtwin("sync", twin, "--details", "-o", "json")

    assert set(answer.json) - set(golden_report()) == {"details"}


def test_the_options_reach_the_sync(graphtwin: Typed, doors: MemoryDoors, outcome: app.SyncOutcome, twin: str) -> None:
    doors.outcome = outcome

    graphtwin("sync", twin, "--mode", "delta_only", "--prior", "v1", "--state", "example", "-o", "yaml")

    assert doors.calls == [("twin.yaml", "delta_only", "v1", "example")]


def test_people_read_verdict_findings_risk_decision_and_report(
    graphtwin: Typed, doors: MemoryDoors, outcome: app.SyncOutcome, twin: str
) -> None:
    doors.outcome = outcome

    out = graphtwin("sync", twin).out

    for part in (
        "drift detected", "v47", "12 messages from 1 of 2 sources, 1 quarantined", "silent: notes: no such file",
        "pump-1.a runs too fast", "0.35", "0.45", "Slow the pump (pump-1)", "slow --pump 1", "not carried out: nothing to act with",
        "report.html", "Next: ",
    ):  # fmt: skip
        assert part in out


def test_a_first_sync_tells_what_its_baseline_holds(
    graphtwin: Typed, doors: MemoryDoors, outcome: app.SyncOutcome, twin: str
) -> None:
    built = {"version": "v1", "records": {"pump": 2}, "quarantined": {"bms": 1}, "ungrounded": ["pump:local/p9"]}
    told = outcome.full.model_copy(update={"details": {**(outcome.full.details or {}), "baseline": built}})
    doors.outcome = replace(outcome, full=told)

    out = graphtwin("sync", twin).out

    assert "Baseline  v1 from a first reading of every source: 2 records (pump 2); 1 quarantined" in out
    assert "no source speaks of it: pump:local/p9" in out
    assert "Received  since v1: 12 messages" in out


def test_a_first_sync_tells_that_types_were_proposed_and_a_later_one_what_is_not_read(
    graphtwin: Typed, doors: MemoryDoors, outcome: app.SyncOutcome, twin: str
) -> None:
    built = {"version": "v1", "records": {"pump": 2}, "quarantined": {}, "ungrounded": [], "proposed": 5}
    unread = ["bus: messages like floor-3/co2-301/co2"]
    more = {**(outcome.full.details or {}), "baseline": built, "undeclared": unread}
    doors.outcome = replace(outcome, full=outcome.full.model_copy(update={"details": more}))

    out = " ".join(graphtwin("sync", twin).out.split())

    assert "its types were proposed, since the file declares none: 5 assumptions of the report say why" in out
    assert "not declared, not read: bus: messages like floor-3/co2-301/co2" in out


def test_a_plan_that_only_watches_asks_nothing_of_a_person(
    graphtwin: Typed, doors: MemoryDoors, outcome: app.SyncOutcome, twin: str
) -> None:
    watching = {**(outcome.full.details or {}), "plan": {"steps": [{"kind": "monitor", "title": "Keep watching"}]}}
    doors.outcome = replace(outcome, full=outcome.full.model_copy(update={"details": watching}))

    out = graphtwin("sync", twin).out

    assert "Decide" not in out
    assert "not carried out: nothing to act with" not in out


def test_the_exit_code_is_the_outcome_s(
    graphtwin: Typed, doors: MemoryDoors, outcome: app.SyncOutcome, twin: str
) -> None:
    doors.outcome = replace(outcome, exit_code=6)

    assert graphtwin("sync", twin, "-o", "json").code == 6


def test_a_refusal_says_when_to_come_again(graphtwin: Typed, doors: MemoryDoors, twin: str) -> None:
    doors.outcome = TooSoon("The world plant is synced at most once in 1m.", hint="try again in 40s")

    answer = graphtwin("sync", twin, "-o", "json")

    assert (answer.code, answer.out) == (5, "")
    assert "try again in 40s" in answer.err


def test_every_problem_of_a_configuration_is_listed(graphtwin: Typed, doors: MemoryDoors, twin: str) -> None:
    problem = ConfigurationProblem("twin.yaml", 7, "sources.bms.format", "xml isn't a format", "use csv")
    doors.outcome = ConfigurationError("twin.yaml has 1 problem", problems=(problem,))

    answer = graphtwin("sync", twin)

    assert answer.code == 2
    assert "twin.yaml:7: sources.bms.format: xml isn't a format (use csv)" in answer.err


def test_a_problem_that_the_message_tells_is_not_told_twice(graphtwin: Typed, doors: MemoryDoors, twin: str) -> None:
    problem = ConfigurationProblem("twin.yaml", 7, "sources.bms.format", "xml isn't a format")
    doors.outcome = ConfigurationError(f"1 thing is wrong:\n  {problem}", problems=(problem,))

    answer = graphtwin("sync", twin)

    assert answer.err.count("xml isn't a format") == 1


def test_a_missing_file_is_not_found(graphtwin: Typed) -> None:
    answer = graphtwin("sync", "nowhere.yaml")

    assert answer.code == 3
    assert "graphtwin init" in answer.err


def test_a_defect_is_one_line_and_the_story_lies_in_a_log(graphtwin: Typed, doors: MemoryDoors, twin: str) -> None:
    doors.outcome = ZeroDivisionError("by zero")

    answer = graphtwin("sync", twin)

    assert answer.code == 1
    assert len(answer.err.strip().splitlines()) == 1
    assert "Traceback" in (doors.home / "graphtwin-errors.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("way", ["flag", "environment"])
def test_a_defect_shows_its_story_when_asked(
    graphtwin: Typed, doors: MemoryDoors, twin: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    doors.outcome = ZeroDivisionError("by zero")
    if way == "environment":
        monkeypatch.setenv("GRAPHTWIN_DEBUG", "1")

    answer = graphtwin(*(["--debug"] if way == "flag" else []), "sync", twin)

    assert "Traceback" in answer.err


def test_the_demo_prints_a_list_of_reports(graphtwin: Typed, doors: MemoryDoors, outcome: app.SyncOutcome) -> None:
    queries = ("MATCH (s:Service {world: 'demo'}) RETURN s",)
    doors.outcome = DemoOutcome("demo", doors.home, (outcome, outcome), outcome.report_path, Path("log"), queries, None)

    answer, read = graphtwin("demo", "-o", "json"), graphtwin("demo")

    assert [one["status"] for one in answer.json] == ["drift_detected", "drift_detected"]
    assert queries[0] in read.out
    assert "Three small services start" in read.err


def test_init_writes_a_twin_that_loads_and_whose_source_answers(graphtwin: Typed, tmp_path: Path) -> None:
    folder = tmp_path / "My plant!"

    answer = graphtwin("init", "--folder", str(folder))
    tested = graphtwin("source", "test", str(folder / "twin.yaml"), "-o", "json")

    assert answer.code == 0
    config = load_twin(folder / "twin.yaml")
    assert (config.world.id, config.constraints) == ("My-plant", None)
    assert (tested.code, [one["events"] for one in tested.json]) == (0, [2])
    assert {fact["name"] for fact in tested.json[0]["rows"][0]["facts"]} >= {"temperature", "maker", "feeds"}


def test_init_from_a_table_proposes_a_twin_and_shows_what_becomes_of_its_rows(graphtwin: Typed, tmp_path: Path) -> None:
    (tmp_path / "pumps.csv").write_text("id,name,temp_c,level\np-1,Feed pump,61.5,1.5\np-2,Back pump,58,2.5\n")

    answer = graphtwin("init", "plant", "--from", str(tmp_path / "pumps.csv"), "--folder", str(tmp_path))

    config = load_twin(tmp_path / "twin.yaml")
    assert (answer.code, config.world.id, config.constraints) == (0, "plant", None)
    for part in (
        "raw   p-1,Feed pump,61.5,1.5", "event ", "fact  pumps:p-1  temp_c = 61.5 Cel", "each with its reason",
        "look at pumps: pump.level is number: ", f"Next: graphtwin sync {tmp_path / 'twin.yaml'}",
    ):  # fmt: skip
        assert part in " ".join(answer.out.split()) or part in answer.out
    assert not (tmp_path / "things.csv").exists()


def test_init_from_several_places_tells_every_guess_to_programs(graphtwin: Typed, tmp_path: Path) -> None:
    (tmp_path / "pumps.csv").write_text("id,room\np-1,r-1\np-2,r-2\n")
    (tmp_path / "rooms.json").write_text('[{"id": "r-1"}, {"id": "r-2"}]')

    answer = graphtwin(
        "init", "plant", "--from", str(tmp_path / "pumps.csv"), "--from", str(tmp_path / "rooms.json"),
        "--folder", str(tmp_path), "-o", "json",
    )  # fmt: skip

    about = {(guess["source"], guess["about"]): guess for guess in answer.json["guesses"]}
    assert about["pumps", "pump.located_in"]["sure"] == "sure"
    assert all(guess["why"] for guess in answer.json["guesses"])
    assert [one["quarantined_count"] for one in answer.json["sources"]] == [0, 0]


def test_init_from_nothing_to_learn_from_writes_nothing(graphtwin: Typed, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")

    answer = graphtwin("init", "plant", "--from", str(tmp_path / "empty.csv"), "--folder", str(tmp_path))

    assert answer.code == 2
    assert "nothing to learn from empty" in answer.err
    assert not (tmp_path / "twin.yaml").exists()


def test_init_keeps_what_is_there(graphtwin: Typed, twin: str) -> None:
    answer = graphtwin("init", "--folder", str(Path(twin).parent))

    assert answer.code == 2
    assert "exists already" in answer.err


def test_source_test_shows_raw_event_and_facts(graphtwin: Typed, tmp_path: Path) -> None:
    graphtwin("init", "plant", "--folder", str(tmp_path))

    answer = graphtwin("source", "test", str(tmp_path / "twin.yaml"))

    for part in ("pump-1,Feed pump,Nord,61.5,tank-1", "things:pump-1  temperature = 61.5 Cel", "things.csv:2"):
        assert part in answer.out


def test_a_source_that_does_not_answer_has_exit_code_one(graphtwin: Typed, tmp_path: Path) -> None:
    graphtwin("init", "plant", "--folder", str(tmp_path))
    (tmp_path / "things.csv").unlink()

    answer = graphtwin("source", "test", str(tmp_path / "twin.yaml"))

    assert answer.code == 1
    assert "did not answer" in answer.out


def test_apply_shows_what_changes_and_the_version(graphtwin: Typed, twin: str) -> None:
    dry, done = graphtwin("apply", twin, "--dry-run"), graphtwin("apply", twin, "-o", "json")

    assert "schedule.interval: 5m → 1m" in dry.out
    assert f"Next: graphtwin apply {twin}" in " ".join(dry.out.split())
    assert (done.json["version"], done.json["needs_apply"]) == ("v3", False)


def test_bench_prints_figures_with_their_verdict(graphtwin: Typed) -> None:
    answer = graphtwin("bench", "loop", "-o", "json")

    assert (answer.code, answer.json["name"]) == (0, "loop")
    assert "goal reached" in graphtwin("bench").out


def test_a_figure_under_its_floor_fails_the_bench(graphtwin: Typed, doors: MemoryDoors) -> None:
    doors.measured = 0.1

    answer = graphtwin("bench")

    assert answer.code == 1
    assert "under its floor" in answer.out


def test_all_benches_are_written_down(graphtwin: Typed, tmp_path: Path) -> None:
    answer = graphtwin("bench", "all", "--write", str(tmp_path / "benchmarks.md"), "-o", "json")

    assert [one["name"] for one in answer.json] == list(BENCHES)
    page = (tmp_path / "benchmarks.md").read_text("utf-8")
    assert page.count("| `commit_per_raw` | 0.3 | 0.12 | 0.25 | goal reached |") == len(BENCHES)


def test_a_bench_that_is_written_alone_leaves_the_figures_of_others(graphtwin: Typed, tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    graphtwin("bench", "all", "--write", str(page))

    graphtwin("bench", "rdf", "--write", str(page))

    assert [line for line in page.read_text("utf-8").splitlines() if line.startswith("## ")] == ["## loop", "## rdf"]


def test_what_the_system_refuses_is_a_sentence_too(graphtwin: Typed, doors: MemoryDoors, twin: str) -> None:
    doors.outcome = PermissionError(13, "Permission denied", "/data/runs")

    answer = graphtwin("sync", twin)

    assert answer.code == 1
    assert "/data/runs: Permission denied" in answer.err
    assert not (doors.home / "graphtwin-errors.log").exists()
