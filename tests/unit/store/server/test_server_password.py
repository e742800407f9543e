"""The password: made once, kept, and missed loudly."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphtwin.errors import Unavailable
from graphtwin.store.server.address import ServerAddress
from graphtwin.store.server.home import ServerHome
from graphtwin.store.server.java import java_environment, quoted
from graphtwin.store.server.password import ensure_password, read_password


def test_a_store_without_its_password_file_is_refused_with_the_next_move(tmp_path: Path):
    home = ServerHome.of(tmp_path)
    home.create()
    (home.data / "databases").mkdir()

    with pytest.raises(Unavailable, match="lost its password file") as refused:
        ensure_password(home, Path("java"), [])

    assert "backup" in refused.value.hint


def test_a_store_keeps_its_password(tmp_path: Path):
    home = ServerHome.of(tmp_path)
    home.create()
    (home.data / "databases").mkdir()
    home.password_file.write_text("kept\n")

    assert ensure_password(home, Path("java"), []) == "kept"


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_missing_or_empty_password_file_is_named(tmp_path: Path, content: str | None):
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)

    with pytest.raises(Unavailable, match=str(file)):
        read_password(file)


def test_an_address_never_shows_its_password():
    address = ServerAddress("bolt://127.0.0.1:1", "neo4j", "a-secret")

    assert "a-secret" not in repr(address)
    assert "a-secret" not in str(address)


def test_an_argument_of_java_may_hold_blanks_quotes_and_backslashes():
    assert quoted(r'a "b" \c') == r'"a \"b\" \\c"'


def test_java_learns_neither_secrets_nor_foreign_options():
    ours = {"PATH": "/bin", "GRAPHTWIN_NEO4J__PASSWORD": "secret", "JAVA_TOOL_OPTIONS": "-verbose", "LANG": "C"}

    assert java_environment(ours) == {"PATH": "/bin", "LC_ALL": "C.UTF-8"}
