"""Principals: who may decide in a world, each known by an Ed25519 key (S35)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SERVICE: Final = "graphtwin"
"""The principal of what graphtwin does by itself; it plans, so a person alone approves. Its key is the audit key."""

PRINCIPAL_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
"""What a principal may be called: it names a file, too."""

DECISION_DOMAIN: Final = b"graphtwin decision v1\n"
"""Stands before what is signed of a claim, an identity decision, a new or a revoked principal."""

APPROVAL_DOMAIN: Final = b"graphtwin approval v1\n"
"""Stands before what is signed of an approval of a plan (S28), so that no other signature serves for one."""


class Role(StrEnum):
    """What a principal may do; each may what the ones before it may."""

    VIEWER = "viewer"
    """Decides nothing."""
    OPERATOR = "operator"
    """Corrects and withdraws claims, says which records are one thing."""
    APPROVER = "approver"
    """Approves plans of others, overrides values."""
    ADMIN = "admin"
    """Adds and revokes principals."""


_ORDER: Final = tuple(Role)


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal of one world under one key; `public_key` has 32 bytes, times are epoch µs.

    Who was revoked and added again is two principals of one id, the later one with the new key.
    """

    world: str
    id: str
    role: Role
    public_key: bytes
    added_at: int
    revoked_at: int | None = None

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of the SHA-256 of the public key."""
        return key_id(self.public_key)

    @property
    def is_service(self) -> bool:
        """True for graphtwin itself, which may never approve."""
        return self.id == SERVICE

    def active_at(self, instant: int) -> bool:
        """Added by then, and not revoked."""
        return self.added_at <= instant and (self.revoked_at is None or instant < self.revoked_at)

    def may(self, least: Role) -> bool:
        """Whether the role is `least` or above."""
        return _ORDER.index(self.role) >= _ORDER.index(least)


def active_principal(principals: Iterable[Principal], name: str) -> Principal | None:
    """The one of that id who isn't revoked."""
    return next((one for one in principals if one.id == name and one.revoked_at is None), None)


def key_id(public: bytes) -> str:
    """Names a public key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]
