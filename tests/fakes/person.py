"""A principal whose private key lives in memory."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from graphtwin.methods.audit.decisions import signed_document, with_signature
from graphtwin.methods.audit.principals import added_entry
from graphtwin.methods.audit.signature import signed_message
from graphtwin.model.commit import AuditEntry
from graphtwin.model.principal import DECISION_DOMAIN, SERVICE, Principal, Role
from graphtwin.store.keys import AuditKey


class Person:
    """Signs what they decide in one world."""

    def __init__(self, world: str, name: str, role: Role, at: int) -> None:
        self._key = AuditKey(Ed25519PrivateKey.generate())
        self.principal = Principal(world, name, role, self._key.public, at)

    def sign(self, entry: AuditEntry) -> AuditEntry:
        message = signed_message(self.principal, DECISION_DOMAIN, signed_document(entry))
        return with_signature(entry, base64.b64encode(self._key.sign(message)).decode())

    def added(self) -> tuple[AuditEntry, AuditEntry]:
        """The records that make the service, and by it this person, a principal of a world that has none."""
        world, at = self.principal.world, self.principal.added_at
        service = Person(world, SERVICE, Role.OPERATOR, at)
        entries = (added_entry(one, by=SERVICE, run="users") for one in (service.principal, self.principal))
        founding, adding = (service.sign(entry) for entry in entries)
        return founding, adding
