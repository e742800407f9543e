"""Settings: flag, then environment, then file, then default."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtwin.errors import ConfigurationError
from graphtwin.settings import load_settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GRAPHTWIN_HOME", "GRAPHTWIN_NEO4J__URI", "GRAPHTWIN_NEO4J__HEAP_MB", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRAPHTWIN_SETTINGS_FILE", str(tmp_path / "settings.yaml"))


def test_without_anything_the_home_is_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    settings = load_settings()

    assert settings.home == tmp_path / "graphtwin"
    assert settings.neo4j.uri is None


def test_a_flag_wins_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "settings.yaml").write_text("home: /from/file\nlog_level: debug\nneo4j: {user: file, heap_mb: 300}\n")
    monkeypatch.setenv("GRAPHTWIN_HOME", "/from/environment")
    monkeypatch.setenv("GRAPHTWIN_NEO4J__HEAP_MB", "400")

    settings = load_settings(neo4j={"heap_mb": 500}, home=None)

    assert settings.home == Path("/from/environment")
    assert (settings.neo4j.user, settings.neo4j.heap_mb) == ("file", 500)
    assert settings.log_level == "debug"


def test_a_tilde_is_the_users_home_and_every_path_is_absolute(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GRAPHTWIN_HOME", "~/twins")

    assert load_settings(cache="here").cache == Path("here").absolute()
    assert load_settings().home == Path.home() / "twins"


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("GRAPHTWIN_NEO4J__URI", "http://example.org", "neo4j.uri"),
        ("GRAPHTWIN_NEO4J__HEAP_MB", "lots", "neo4j.heap_mb"),
        ("GRAPHTWIN_NEO4J__URL", "bolt://example.org", "neo4j.url"),
        ("GRAPHTWIN_LOG_LEVEL", "loud", "log_level"),
    ],
)
def test_a_wrong_value_is_told_by_name_and_place(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, named: str
):
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigurationError, match=named) as refused:
        load_settings()

    assert variable in refused.value.hint


@pytest.mark.parametrize("text", ["homes: /x\n", "home: [\n", "- a list\n"])
def test_a_settings_file_that_cant_be_used_is_named(tmp_path: Path, text: str):
    (tmp_path / "settings.yaml").write_text(text)

    with pytest.raises(ConfigurationError) as refused:
        load_settings()

    assert str(tmp_path / "settings.yaml") in refused.value.hint


def test_a_password_is_not_shown():
    settings = load_settings(neo4j={"password": "a-secret"})

    assert "a-secret" not in repr(settings)
