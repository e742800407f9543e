"""The audit key: made once, private 0600, refused when others can read it."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from graphtwin.errors import AuditUnwritable, UsageError
from graphtwin.store.keys import PRIVATE, keys_folder, load_or_create_key, load_public_keys


def test_a_key_is_made_once_and_its_private_half_is_for_its_owner_only(tmp_path):
    first = load_or_create_key(tmp_path / "keys")
    again = load_or_create_key(tmp_path / "keys")

    assert first.key_id == again.key_id
    assert stat.S_IMODE((tmp_path / "keys" / PRIVATE).stat().st_mode) == 0o600
    assert load_public_keys(tmp_path / "keys") == {first.key_id: first.public}


def test_callers_at_the_same_time_get_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: load_or_create_key(tmp_path / "keys").key_id, range(16)))

    assert len(set(keys)) == 1


def test_a_signature_holds_for_its_message(tmp_path):
    key = load_or_create_key(tmp_path)

    Ed25519PublicKey.from_public_bytes(key.public).verify(key.sign(b"head"), b"head")


def test_a_private_key_that_others_can_read_is_refused_with_the_remedy(tmp_path):
    load_or_create_key(tmp_path)
    (tmp_path / PRIVATE).chmod(0o644)

    with pytest.raises(UsageError, match="chmod 600"):
        load_or_create_key(tmp_path)


def test_a_damaged_key_is_never_replaced_silently(tmp_path):
    load_or_create_key(tmp_path)
    (tmp_path / PRIVATE).write_text("not a key")

    with pytest.raises(UsageError, match="isn't a private key"):
        load_or_create_key(tmp_path)

    assert (tmp_path / PRIVATE).read_text() == "not a key"


def test_a_folder_that_cannot_be_made_stops_the_sync(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(AuditUnwritable, match="can't be read or made"):
        load_or_create_key(tmp_path / "file")


def test_the_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))

    assert keys_folder({"GRAPHTWIN_CONFIG": str(tmp_path / "own")}) == tmp_path / "own" / "keys"
    assert keys_folder({}) == tmp_path / "xdg" / "graphtwin" / "keys"
