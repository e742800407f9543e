"""What persons decide as records of the audit chain, each signed by who decided, and whether they were who they had to be (S35)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from graphtwin.methods.audit.api_keys import KEY_ADDED, KEY_ENDED
from graphtwin.methods.audit.audit_entries import RESTORE
from graphtwin.methods.audit.principals import ADDED, PRINCIPAL_KINDS, REVOKED, with_record
from graphtwin.methods.audit.signature import verify_signature
from graphtwin.model.commit import AuditEntry, AuditRecord
from graphtwin.model.principal import APPROVAL_DOMAIN, DECISION_DOMAIN, SERVICE, Principal, Role, active_principal

DECISION: Final = "decision"
"""The type of the event that tells a person's decision to who asks why something is as it is."""

CLAIM: Final = "claim"
OVERRIDE: Final = "override"
IDENTITY: Final = "identity"
APPROVAL: Final = "approval"
REJECTION: Final = "rejection"
FREEZE: Final = "frozen"
UNFREEZE: Final = "unfrozen"

MERGED: Final = "identity-merged"
"""The kind of records that tell what matching made one by itself: nobody signs them."""

LEAST_ROLE: Final = {
    ADDED: Role.ADMIN,
    REVOKED: Role.ADMIN,
    KEY_ADDED: Role.ADMIN,
    KEY_ENDED: Role.ADMIN,
    CLAIM: Role.OPERATOR,
    OVERRIDE: Role.APPROVER,
    IDENTITY: Role.OPERATOR,
    APPROVAL: Role.APPROVER,
    REJECTION: Role.APPROVER,
    FREEZE: Role.OPERATOR,
    UNFREEZE: Role.APPROVER,
    RESTORE: Role.APPROVER,
}
"""The kinds of records that a principal signs, and the least role that may."""

_OF_PEOPLE: Final = (ADDED, REVOKED, KEY_ADDED, KEY_ENDED)
_OF_ONESELF: Final = (REVOKED, KEY_ADDED, KEY_ENDED)
"""What an admin decides of everybody, and what everybody decides of themselves."""

_ADDED_LATER: Final = frozenset({"signature", "parent", "facts", "events", "restored"})
"""What the record says beside what was signed: what became of it."""


def signed_document(told: AuditEntry | AuditRecord) -> dict[str, Any]:
    """What a principal signs of a decision: what it is, when, as which run."""
    body = {name: value for name, value in told.body.items() if name not in _ADDED_LATER}
    return {"kind": told.kind, "at": told.at, "run": told.run, "body": body}


def with_signature(entry: AuditEntry, signature: str) -> AuditEntry:
    """The entry as it is recorded."""
    return replace(entry, body={**entry.body, "signature": signature})


class DecisionCheck:
    """Reads a chain in its order, and says of each decision whether who made it might, and signed it."""

    def __init__(self) -> None:
        self._principals: list[Principal] = []

    def problem(self, record: AuditRecord) -> str:
        """What is wrong with the record, "" where nothing is."""
        before = self._principals
        try:
            if record.kind in PRINCIPAL_KINDS:
                self._principals = with_record(before, record)
            return self._problem(record, before) if record.kind in LEAST_ROLE else ""
        except (KeyError, ValueError, TypeError) as error:
            return f"record {record.n} can't be read: {error}"

    def _problem(self, record: AuditRecord, before: list[Principal]) -> str:
        name = str(record.body["principal"])
        founding = record.kind == ADDED and name == record.body["id"] == SERVICE and not before
        who = active_principal(self._principals if founding else before, name)
        if who is None:
            return f"record {record.n}: {name} wasn't a principal when it was made"
        if not (_may(who, record, before) or founding):
            return f"record {record.n}: {name} is {who.role.value} and may not decide that ({record.kind})"
        if not _signed_by(who, record):
            return f"record {record.n}: the signature of {name} doesn't hold"
        return ""


def _signed_by(who: Principal, record: AuditRecord) -> bool:
    """An approval is signed for itself, wherever the key lies; of any other decision the record is."""
    if record.kind == APPROVAL:
        said, signature = record.body["approval"], str(record.body.get("approval_signature", ""))
        return verify_signature(who, APPROVAL_DOMAIN, said, signature)
    return verify_signature(who, DECISION_DOMAIN, signed_document(record), str(record.body.get("signature", "")))


def _may(who: Principal, record: AuditRecord, before: Iterable[Principal]) -> bool:
    """By role. The service decides on people as long as there is no admin; everybody may leave, and has keys of their own."""
    if record.kind in _OF_PEOPLE and who.is_service:
        return not has_admin(before)
    own = record.kind in _OF_ONESELF and record.body["id"] == who.id
    return own or (not who.is_service and who.may(LEAST_ROLE[record.kind]))


def has_admin(principals: Iterable[Principal]) -> bool:
    """Whether somebody is there who alone adds and revokes."""
    return any(one.role is Role.ADMIN and one.revoked_at is None for one in principals)
