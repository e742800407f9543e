"""The principals of a world as its audit chain says: added and revoked by decisions that stay readable (S35)."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from graphtwin.errors import IntegrityError
from graphtwin.methods.audit.audit_chain import record_hash
from graphtwin.model.audit_head import ROTATION_KIND
from graphtwin.model.commit import AuditEntry, AuditRecord
from graphtwin.model.principal import SERVICE, Principal, Role

ADDED: Final = "principal-added"
REVOKED: Final = "principal-revoked"
PRINCIPAL_KINDS: Final = (ADDED, ROTATION_KIND, REVOKED)
"""The kinds of audit records that say who is a principal."""


def principals_of(records: Iterable[AuditRecord]) -> tuple[Principal, ...]:
    """Everybody who was ever a principal, by id, then by when; `records` are those of PRINCIPAL_KINDS, by number.

    Raises IntegrityError for a record that isn't what its hash was made of.
    """
    found: list[Principal] = []
    for record in records:
        intact(record)
        found = with_record(found, record)
    return tuple(sorted(found, key=lambda one: (one.id, one.added_at)))


def intact(record: AuditRecord) -> None:
    """Raises IntegrityError for a record that isn't what its hash was made of."""
    if record_hash(record.world, record.n, record, record.prev) != record.hash:
        raise IntegrityError(
            f"Record {record.n} of the audit chain of {record.world}, which says who may decide, was altered.",
            hint=f"See: graphtwin verify {record.world}; graphtwin audit verify {record.world}",
        )


def with_record(principals: list[Principal], record: AuditRecord) -> list[Principal]:
    """The principals after one more record of the chain."""
    if record.kind == ADDED:
        return [*principals, _added(record.world, record.body, record.at)]
    if record.kind == REVOKED:
        return _revoked(principals, str(record.body["id"]), record.at)
    service = next((one for one in principals if one.is_service and one.revoked_at is None), None)
    if record.kind != ROTATION_KIND or service is None:
        return principals
    key = base64.b64decode(str(record.body["public_key"]))
    return [*_revoked(principals, SERVICE, record.at), replace(service, public_key=key, added_at=record.at)]


def added_entry(principal: Principal, *, by: str, run: str) -> AuditEntry:
    """The decision that makes somebody a principal; `by` is the principal who decides."""
    body = {
        "principal": by,
        "id": principal.id,
        "role": principal.role.value,
        "key_id": principal.key_id,
        "public_key": base64.b64encode(principal.public_key).decode(),
    }
    return AuditEntry(ADDED, principal.added_at, run, body)


def revoked_entry(principal: Principal, *, by: str, at: int, run: str) -> AuditEntry:
    """The decision that ends a principal."""
    return AuditEntry(REVOKED, at, run, {"principal": by, "id": principal.id, "key_id": principal.key_id})


def _added(world: str, body: Mapping[str, Any], at: int) -> Principal:
    key = base64.b64decode(str(body["public_key"]))
    return Principal(world, str(body["id"]), Role(body["role"]), key, at)


def _revoked(principals: list[Principal], name: str, at: int) -> list[Principal]:
    return [replace(one, revoked_at=at) if one.id == name and one.revoked_at is None else one for one in principals]
