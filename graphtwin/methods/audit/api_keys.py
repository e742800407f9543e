"""The API keys of a world as its audit chain says: given and ended by decisions that stay readable (S35)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from graphtwin.methods.audit.principals import PRINCIPAL_KINDS, REVOKED, intact, principals_of
from graphtwin.model.api_key import ApiKey
from graphtwin.model.commit import AuditEntry, AuditRecord
from graphtwin.model.principal import Principal, active_principal

KEY_ADDED: Final = "api-key-added"
KEY_ENDED: Final = "api-key-ended"
KEY_KINDS: Final = (KEY_ADDED, KEY_ENDED, REVOKED)
"""The kinds of audit records that say which API keys there are: those of a principal end with the principal."""
HOLDER_KINDS: Final = tuple(sorted({*KEY_KINDS, *PRINCIPAL_KINDS}))
"""The kinds that say whose a key is."""


def api_keys_of(records: Iterable[AuditRecord]) -> tuple[ApiKey, ...]:
    """Every key that was ever given, by principal, then by when; `records` hold those of KEY_KINDS, by number.

    Raises IntegrityError for a record that isn't what its hash was made of.
    """
    found: list[ApiKey] = []
    for record in records:
        if record.kind not in KEY_KINDS:
            continue
        intact(record)
        name = str(record.body["id"])
        if record.kind == KEY_ADDED:
            found.append(ApiKey(record.world, name, str(record.body["key_sha256"]), record.at))
        elif record.kind == KEY_ENDED:
            found = [_ended(one, record.at) if one.digest == record.body["key_sha256"] else one for one in found]
        else:
            found = [_ended(one, record.at) if one.principal == name else one for one in found]
    return tuple(sorted(found, key=lambda one: (one.principal, one.added_at, one.digest)))


def holder_of(records: Iterable[AuditRecord], digest: str) -> Principal | None:
    """The principal whose key in force has this digest; `records` are those of HOLDER_KINDS, by number."""
    told = tuple(records)
    key = next((one for one in api_keys_of(told) if one.digest == digest and one.ended_at is None), None)
    if key is None:
        return None
    return active_principal(principals_of(one for one in told if one.kind in PRINCIPAL_KINDS), key.principal)


def key_added_entry(key: ApiKey, *, by: str, run: str) -> AuditEntry:
    """The decision that gives a principal a key."""
    return AuditEntry(KEY_ADDED, key.added_at, run, {"principal": by, "id": key.principal, "key_sha256": key.digest})


def key_ended_entry(key: ApiKey, *, by: str, at: int, run: str) -> AuditEntry:
    """The decision that ends a key."""
    return AuditEntry(KEY_ENDED, at, run, {"principal": by, "id": key.principal, "key_sha256": key.digest})


def _ended(key: ApiKey, at: int) -> ApiKey:
    return replace(key, ended_at=at) if key.ended_at is None else key
