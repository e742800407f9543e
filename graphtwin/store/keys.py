"""The service's Ed25519 key for audit heads: made once, private in the user's configuration folder (S35)."""

from __future__ import annotations

import base64
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from graphtwin.errors import AuditUnwritable, UsageError
from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.model.audit_head import ROTATION_DOMAIN, ROTATION_KIND
from graphtwin.model.commit import AuditEntry
from graphtwin.model.principal import key_id
from graphtwin.settings import xdg_folder

PRIVATE = "audit-key.pem"
_PUBLIC_PREFIX = "audit-key-"
_PUBLIC_SUFFIX = ".pub.pem"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class AuditKey:
    """A ports.Signer over an Ed25519 key; the private half never leaves the object."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of the SHA-256 of the public key."""
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """The detached signature of `message`, 64 bytes."""
        return self._private.sign(message)


def keys_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where keys lie, apart from the data: `keys/` under GRAPHTWIN_CONFIG, else under the XDG configuration folder."""
    named = (os.environ if environ is None else environ).get("GRAPHTWIN_CONFIG")
    return (Path(named).expanduser() if named else xdg_folder("XDG_CONFIG_HOME", ".config")) / "keys"


def load_or_create_key(folder: Path) -> AuditKey:
    """The service's key, made at the first call (0600, its public half beside it); two callers at once get one key.

    Raises UsageError for a key that others may read or that isn't Ed25519, AuditUnwritable where none can be made.
    """
    path = folder / PRIVATE
    try:
        if not path.exists():
            _create(folder, path)
        key = read_private_key(path)
        write_public_key(_public_path(folder, key), key.public)
    except OSError as error:
        raise AuditUnwritable(
            f"The audit key {path} can't be read or made: {error.strerror or error}.",
            hint="Make the folder writable for you, or name another one with GRAPHTWIN_CONFIG.",
        ) from error
    return key


def load_public_keys(folder: Path) -> dict[str, bytes]:
    """The public keys that heads may be signed with (32 bytes each), by key id; retired keys stay in the folder."""
    keys: dict[str, bytes] = {}
    for path in sorted(folder.glob(f"{_PUBLIC_PREFIX}*{_PUBLIC_SUFFIX}")):
        public = read_public_key(path)
        keys[key_id(public)] = public
    return keys


def read_public_key(path: Path) -> bytes:
    """The 32 bytes of a public key in a PEM file. Raises UsageError for anything else."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path} isn't a public key: {error}.", hint="Give a .pub.pem file.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{path} isn't an Ed25519 key.", hint="Give a .pub.pem file.")
    return key.public_bytes_raw()


def rotate_key(folder: Path, world: str, *, at: int, run: str) -> tuple[AuditKey, AuditEntry]:
    """A new key in place of the old one, and the record, signed with both, that the world's chain must take up.

    The old private key is kept under its key id. A verifier that trusts the old key trusts the new one from there on.
    """
    old = load_or_create_key(folder)
    new = AuditKey(Ed25519PrivateKey.generate())
    path = folder / PRIVATE
    path.rename(folder / f"retired-{old.key_id}.pem")
    write_private_key(path, new)
    write_public_key(_public_path(folder, new), new.public)
    return new, rotation_entry(old, new, world, at=at, run=run)


def rotation_entry(old: AuditKey, new: AuditKey, world: str, *, at: int, run: str) -> AuditEntry:
    """The audit record that hands the chain from one key to the next."""
    said: dict[str, Any] = {
        "world": world,
        "from": old.key_id,
        "to": new.key_id,
        "public_key": base64.b64encode(new.public).decode(),
    }
    message = ROTATION_DOMAIN + canonical_json(said)
    signatures = {name: base64.b64encode(key.sign(message)).decode() for name, key in (("from", old), ("to", new))}
    return AuditEntry(kind=ROTATION_KIND, at=at, run=run, body={**said, "signatures": signatures})


def _create(folder: Path, path: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private_key(path, AuditKey(Ed25519PrivateKey.generate()))


def _public_path(folder: Path, key: AuditKey) -> Path:
    return folder / f"{_PUBLIC_PREFIX}{key.key_id}{_PUBLIC_SUFFIX}"


def write_private_key(path: Path, key: AuditKey) -> None:
    """Whole or not at all; where another process was faster, its key stays."""
    pem = key._private.private_bytes(  # noqa: SLF001 - the one place that writes it
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    draft = _draft(path, pem)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def read_private_key(path: Path) -> AuditKey:
    """The key pair in a PEM file. Raises UsageError for one that others may read or that isn't Ed25519, OSError."""
    if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        raise UsageError(f"The private key {path} can be read by others.", hint=f"Run: chmod 600 {path}")
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(
            f"{path} isn't a private key: {error}.",
            hint="Put it back from your backup; a new key begins a new trust: move the file away to have one made.",
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} isn't an Ed25519 key.", hint="Move it away and have a new one made.")
    return AuditKey(key)


def write_public_key(path: Path, public: bytes) -> None:
    """The public half as a PEM file for everybody; one that is there already stays."""
    if path.exists():
        return
    pem = Ed25519PublicKey.from_public_bytes(public).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    draft = _draft(path, pem)
    draft.chmod(0o644)
    draft.replace(path)


def _draft(path: Path, content: bytes) -> Path:
    """A file beside `path` with the content on disk, readable by its owner only."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
