"""`graphtwin db` and `graphtwin doctor`, as a user types them, against the session's server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from graphtwin.cli import db
from graphtwin.cli.doctor import doctor
from graphtwin.errors import NotFound, Unavailable, UsageError
from graphtwin.settings import Settings
from graphtwin.store.server import ServerAddress
from graphtwin.store.server.checkup import checkup

pytestmark = pytest.mark.neo4j

Run = Callable[..., Result]


@pytest.fixture
def run(neo4j_server: ServerAddress, neo4j_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line in the session's home; what the program raises on purpose is raised here."""
    monkeypatch.setenv("GRAPHTWIN_HOME", str(neo4j_settings.home))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("GRAPHTWIN_NEO4J__URI", raising=False)
    app = typer.Typer()
    app.add_typer(db.app, name="db")
    app.command("doctor")(doctor)
    return lambda *words, stdin=None: CliRunner().invoke(app, words, input=stdin, catch_exceptions=False)


def test_starting_a_running_database_says_so_and_what_to_do_next(run: Run, neo4j_server: ServerAddress):
    started = run("db", "start")

    assert started.exit_code == 0
    assert f"already running at {neo4j_server.uri}" in started.stdout
    assert "Next: graphtwin db" in started.stdout


def test_status_is_for_people_and_for_programs(run: Run, neo4j_server: ServerAddress):
    told, listed = run("db", "status"), run("db", "status", "-o", "json")

    assert "running" in told.stdout
    assert json.loads(listed.stdout)["uri"] == neo4j_server.uri
    assert (told.exit_code, listed.exit_code) == (0, 0)


def test_status_of_a_database_that_does_not_run_is_unavailable(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("GRAPHTWIN_HOME", str(tmp_path))

    stopped = run("db", "status")

    assert stopped.exit_code == 8
    assert "Next: graphtwin db start" in stopped.stdout


def test_browser_tells_where_the_password_lies_and_never_the_password(run: Run, neo4j_server: ServerAddress):
    told = run("db", "browser").stdout

    assert f"{neo4j_server.http_url}/browser/" in told
    assert str((neo4j_server.home or Path()) / "password") in told
    assert neo4j_server.password not in told


def test_logs_shows_the_last_lines_asked_for(run: Run):
    last, whole = run("db", "logs", "-n", "1").stdout, run("db", "logs", "-n", "1000").stdout

    assert last.count("\n") == 1
    assert whole.endswith(last)
    assert "Started." in whole


def test_logs_of_a_home_without_any_are_not_found(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("GRAPHTWIN_HOME", str(tmp_path))

    with pytest.raises(NotFound, match="never started"):
        run("db", "logs")


def test_shell_prints_a_table_and_json(run: Run):
    statement = "RETURN 1 AS number, 'text' AS word, date('2026-01-02') AS day, {list: [true, null]} AS map"

    table, rows = run("db", "shell", "-c", statement), run("db", "shell", "-c", statement, "-o", "json")

    assert "number" in table.stdout
    assert json.loads(rows.stdout) == [
        {"number": 1, "word": "text", "day": "2026-01-02", "map": {"list": [True, None]}}
    ]


def test_shell_shows_text_as_it_is_and_lets_none_steer_the_terminal(run: Run):
    shown = run("db", "shell", "-c", "RETURN '[red]kept[/red]' AS `[bold]name`, '\u001b[2J' AS escape").stdout

    assert "[red]kept[/red]" in shown
    assert "[bold]name" in shown
    assert "\x1b" not in shown


def test_shell_shows_what_a_graph_holds_as_plain_values(run: Run):
    statement = "CREATE path = (:ShellA {at: point({x: 1, y: 2})})-[r:TO {of: duration('P1D')}]->(:ShellB) RETURN path"

    shown = run("db", "shell", "--write", "-c", statement, "-o", "json")
    run("db", "shell", "--write", "-c", "MATCH (made:ShellA|ShellB) DETACH DELETE made")

    start, relation, end = json.loads(shown.stdout)[0]["path"]
    assert start == {"labels": ["ShellA"], "properties": {"at": {"srid": 7203, "coordinates": [1.0, 2.0]}}}
    assert relation == {"type": "TO", "properties": {"of": "P1D"}}
    assert end["labels"] == ["ShellB"]
    assert "nodes created: 2" in shown.stderr


def test_shell_only_reads_unless_told_otherwise(run: Run):
    with pytest.raises(UsageError, match="only reads") as refused:
        run("db", "shell", "-c", "CREATE (:Never)")

    assert "--write" in refused.value.hint


def test_shell_takes_statements_from_a_pipe_and_stops_at_the_first_that_fails(run: Run):
    shown = run("db", "shell", "-o", "json", stdin="RETURN 1\n AS a;\nRETURN 2 AS b")

    assert '"a": 1' in shown.stdout
    assert '"b": 2' in shown.stdout
    with pytest.raises(UsageError, match="Invalid input"):
        run("db", "shell", stdin="RETUR 1;\nRETURN 2;")


def test_shell_cuts_long_answers_and_says_so(run: Run):
    shown = run("db", "shell", "-o", "json", "-c", "UNWIND range(1, 2000) AS number RETURN number")

    assert len(json.loads(shown.stdout)) == 1000
    assert "Only the first 1000 rows" in shown.stderr


def test_an_external_database_is_neither_started_nor_stopped(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GRAPHTWIN_NEO4J__URI", "bolt://127.0.0.1:9")

    for command in ("start", "stop", "browser", "logs"):
        with pytest.raises(Unavailable, match=r"isn't graphtwin's to"):
            run("db", command)


def test_doctor_finds_nothing_wrong_beside_a_running_server(run: Run):
    told, listed = run("doctor"), run("doctor", "-o", "json")

    assert "WRONG" not in told.stdout
    assert told.exit_code == 0
    assert {"java", "jars", "server", "closed", "disk", "memory", "home", "audit", "ports", "python", "packages"} == {
        check["name"] for check in json.loads(listed.stdout)["checks"]
    }


def test_doctor_names_what_is_wrong_and_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GRAPHTWIN_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("GRAPHTWIN_CACHE", str(tmp_path))

    told = run("doctor")

    assert told.exit_code == 1
    assert "WRONG home" in told.stdout
    assert "export GRAPHTWIN_HOME" in told.stdout


def test_the_checkup_sees_a_damaged_jar(neo4j_settings: Settings, settings_for, tmp_path: Path):
    jar = next((neo4j_settings.cache / "jars").rglob("neo4j-browser-*.jar"))
    copy = tmp_path / "jars" / jar.relative_to(neo4j_settings.cache / "jars")
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"x")

    found = {check.name: check for check in checkup(settings_for(tmp_path / "home", cache=tmp_path))}

    assert not found["jars"].ok
    assert "graphtwin db start" in found["jars"].advice
