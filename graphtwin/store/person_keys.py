"""Private keys of principals: made for one person each, 0600 in the user's configuration folder (S35)."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from graphtwin.errors import Refused, Unavailable
from graphtwin.methods.audit.signature import signed_message
from graphtwin.model.principal import Principal
from graphtwin.store.keys import PRIVATE, AuditKey, read_private_key, write_private_key, write_public_key


def sign_as(folder: Path, principal: Principal, domain: bytes, document: Any) -> str:
    """The principal's signature (base64) of a JSON document, for its own world alone.

    Raises Refused where the private key isn't in the folder, UsageError for one that others may read.
    """
    path = private_path(folder, principal)
    try:
        key = read_private_key(path)
    except FileNotFoundError:
        key = None
    except OSError as error:
        raise _unreadable(path, error) from error
    if key is None or key.public != principal.public_key:
        raise Refused(
            f"The private key {principal.key_id} of {principal.id} isn't in {folder}: nobody else can sign for them.",
            hint=f"Do it on the machine and as the user who holds the key, or name yourself with --as; who lost a key is"
            f" revoked and added anew: graphtwin user revoke {principal.world} {principal.id}",
        )
    return base64.b64encode(key.sign(signed_message(principal, domain, document))).decode()


def make_person_key(folder: Path, name: str) -> bytes:
    """A new key pair for a principal of that name; the public key (32 bytes). Keys made before stay where they are."""
    key = AuditKey(Ed25519PrivateKey.generate())
    stem = _stem(name, key.key_id)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private_key(folder / f"{stem}.pem", key)
        write_public_key(folder / f"{stem}.pub.pem", key.public)
    except OSError as error:
        raise _unreadable(folder, error) from error
    return key.public


def private_path(folder: Path, principal: Principal) -> Path:
    """Where the principal's private key lies, if it is on this machine."""
    return folder / (PRIVATE if principal.is_service else f"{_stem(principal.id, principal.key_id)}.pem")


def _stem(name: str, key_id: str) -> str:
    return f"person-{name}-{key_id}"


def _unreadable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"The key {path} can't be read or made: {error.strerror or error}.",
        hint="Make the folder readable and writable for you, or name another one with GRAPHTWIN_CONFIG.",
    )
