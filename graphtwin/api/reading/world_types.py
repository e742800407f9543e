"""Worlds, their versions, and the instant that an answer is of."""

from __future__ import annotations

import base64

import strawberry

from graphtwin.api.reading.scalars import Instant, instant
from graphtwin.model.commit import Commit, Head
from graphtwin.model.principal import Principal as PrincipalValue
from graphtwin.model.state import At as AtValue


@strawberry.type(description="The instant on both time axes that an answer is of; name it to read more of the same.")
class At:
    as_of: Instant | None = strawberry.field(description="Valid time: when it was so.")
    version: str = strawberry.field(description="The version that knew it, such as v12.")


@strawberry.type(description="A world at its newest version.")
class World:
    id: str
    version: str
    as_of: Instant | None = strawberry.field(description="The version's own valid time.")
    hash: str = strawberry.field(description="The hash of its state.")
    version_id: str = strawberry.field(description="Chains the version to its parents.")
    configuration: str = strawberry.field(description="The hash of the configuration in force.")
    committed_at: Instant | None
    audit_records: int = strawberry.field(description="How long its audit chain is.")


@strawberry.type(description="One version of a world.")
class Version:
    version: str
    as_of: Instant | None
    committed_at: Instant | None
    hash: str
    version_id: str
    parent_version_id: str
    configuration: str
    run: str
    facts: int = strawberry.field(description="How many facts it added.")


@strawberry.type(description="Who may decide in a world.")
class Principal:
    id: str
    role: str
    key_id: str = strawberry.field(description="Names the public key.")
    public_key: str = strawberry.field(
        description="Ed25519, 32 bytes as base64: what their signatures are checked with."
    )
    added_at: Instant | None
    revoked_at: Instant | None


def at_of(at: AtValue) -> At:
    """An instant as it is shown."""
    return At(as_of=instant(at.valid), version=f"v{at.seq}")


def world_of(head: Head) -> World:
    """A head as it is shown."""
    return World(
        id=head.world, version=head.version, as_of=instant(head.valid), hash=head.hash, version_id=head.version_id,
        configuration=head.configuration, committed_at=instant(head.committed_at), audit_records=head.audit_n,
    )  # fmt: skip


def version_of(commit: Commit) -> Version:
    """A commit as it is shown."""
    return Version(
        version=f"v{commit.seq}", as_of=instant(commit.valid), committed_at=instant(commit.committed_at),
        hash=commit.hash, version_id=commit.version_id, parent_version_id=commit.parent_version_id,
        configuration=commit.configuration, run=commit.run, facts=commit.facts,
    )  # fmt: skip


def principal_of(one: PrincipalValue) -> Principal:
    """A principal as it is shown."""
    return Principal(
        id=one.id, role=one.role.value, key_id=one.key_id,
        public_key=base64.b64encode(one.public_key).decode(), added_at=instant(one.added_at),
        revoked_at=instant(one.revoked_at),
    )  # fmt: skip
