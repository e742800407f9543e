"""What is answered without starting anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtwin.errors import Unavailable
from graphtwin.settings import Settings, load_settings
from graphtwin.store.server import connection, ensure_running, require_ours, status, stop

CLOSED = "bolt://127.0.0.1:9"


def external(tmp_path: Path, **neo4j: object) -> Settings:
    return load_settings(home=tmp_path, neo4j={"uri": CLOSED, **neo4j})


def test_a_home_that_was_never_used_is_stopped_and_stays_untouched(tmp_path: Path):
    settings = load_settings(home=tmp_path / "new", neo4j={"uri": None})

    assert status(settings).condition == "stopped"
    assert connection(settings) is None
    assert not stop(settings)
    assert not settings.home.exists()


def test_an_external_database_that_is_down_is_named_with_the_next_move(tmp_path: Path):
    (tmp_path / "secret").write_text("anything")
    settings = external(tmp_path, password_file=tmp_path / "secret")

    with pytest.raises(Unavailable, match=CLOSED) as refused:
        ensure_running(settings)

    assert "GRAPHTWIN_NEO4J__URI" in refused.value.hint
    assert status(settings).condition == "unreachable"


def test_an_external_database_without_a_password_says_how_to_give_one(tmp_path: Path):
    with pytest.raises(Unavailable) as refused:
        ensure_running(external(tmp_path))

    assert "GRAPHTWIN_NEO4J__PASSWORD_FILE" in refused.value.hint


def test_the_password_of_an_external_database_may_come_from_a_file(tmp_path: Path):
    (tmp_path / "secret").write_text("from a file\n")

    address = connection(external(tmp_path, password_file=tmp_path / "secret", user="twin"))

    assert address is not None
    assert address.auth == ("twin", "from a file")


def test_starting_and_stopping_an_external_database_is_not_ours(tmp_path: Path):
    for verb in ("start", "stop"):
        with pytest.raises(Unavailable, match=f"isn't graphtwin's to {verb}"):
            require_ours(external(tmp_path), verb)


def test_a_disk_that_is_nearly_full_is_told_before_anything_is_started(tmp_path: Path):
    settings = load_settings(home=tmp_path, neo4j={"uri": None, "least_free_mb": 10**9})

    with pytest.raises(Unavailable, match="are free") as refused:
        ensure_running(settings)

    assert "GRAPHTWIN_HOME" in refused.value.hint
