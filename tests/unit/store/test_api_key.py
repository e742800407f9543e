"""The API key is made once, and nobody else may read it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from graphtwin.errors import Unavailable, UsageError
from graphtwin.store.api_key import NAME, load_or_create_api_key


def test_the_key_is_made_once_and_is_the_users_alone(tmp_path: Path):
    folder = tmp_path / "keys"

    first = load_or_create_api_key(folder)

    assert load_or_create_api_key(folder) == first
    assert len(first) >= 43
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600
    assert [one.name for one in folder.iterdir()] == [NAME]


@pytest.mark.parametrize(("text", "mode"), [("k" * 43, 0o644), ("k" * 43, 0o640), ("short", 0o600), ("é" * 43, 0o600)])
def test_a_key_that_others_may_read_or_could_guess_is_refused(tmp_path: Path, text: str, mode: int):
    path = tmp_path / NAME
    path.write_text(text, "utf-8")
    path.chmod(mode)

    with pytest.raises(UsageError):
        load_or_create_api_key(tmp_path)


def test_a_folder_that_can_t_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(Unavailable):
        load_or_create_api_key(tmp_path / "file" / "keys")
