"""Who may decide in a world, as its audit chain says (S35)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from contracts.scene import MINUTE, NOON, Scene

from graphtwin.errors import NotFound
from graphtwin.methods.audit.api_keys import key_added_entry, key_ended_entry
from graphtwin.methods.audit.principals import ADDED, REVOKED, added_entry, revoked_entry
from graphtwin.model.api_key import ApiKey, key_digest
from graphtwin.model.commit import AuditEntry
from graphtwin.model.principal import Principal, Role, active_principal

ALICE = bytes(range(32))
BOB = bytes(range(32, 64))


def person(scene: Scene, name: str, key: bytes, role: Role = Role.OPERATOR, at: int = NOON) -> Principal:
    return Principal(scene.world, name, role, key, at)


async def record(scene: Scene, *entries: AuditEntry) -> None:
    assert scene.lease is not None
    async with scene.store.begin(scene.lease) as transaction:
        await transaction.record(entries)
        await transaction.commit(entries[0].run, entries[0].run)


async def names(scene: Scene) -> Sequence[tuple[str, bytes, int | None]]:
    return [(one.id, one.public_key, one.revoked_at) for one in await scene.store.principals(scene.world)]


class PeopleContract:
    async def test_a_world_has_no_principals_until_one_is_added_s35(self, scene: Scene):
        assert await scene.store.principals(scene.world) == ()

    async def test_a_principal_is_there_once_recorded_and_makes_no_version_s35(self, scene: Scene):
        alice = person(scene, "alice", ALICE, Role.APPROVER)

        await record(scene, added_entry(alice, by="graphtwin", run="1"))

        assert await scene.store.principals(scene.world) == (alice,)
        assert (await scene.store.head(scene.world)).seq == 0

    async def test_revoking_ends_a_principal_and_forgets_nobody_s35(self, scene: Scene):
        first = person(scene, "alice", ALICE)
        await record(scene, added_entry(first, by="bob", run="1"))
        await record(scene, revoked_entry(first, by="bob", at=NOON + MINUTE, run="2"))

        again = person(scene, "alice", BOB, Role.ADMIN, NOON + 2 * MINUTE)
        await record(scene, added_entry(again, by="bob", run="3"))

        assert await names(scene) == [("alice", ALICE, NOON + MINUTE), ("alice", BOB, None)]
        assert active_principal(await scene.store.principals(scene.world), "alice") == again

    async def test_principals_belong_to_one_world_s3(self, scene: Scene):
        other = await Scene.make(scene.store, scene.world + "-2")

        await record(scene, added_entry(person(scene, "alice", ALICE), by="graphtwin", run="1"))

        assert await other.store.principals(other.world) == ()

    async def test_records_of_a_kind_come_oldest_first_s35(self, scene: Scene):
        alice, bob = person(scene, "alice", ALICE), person(scene, "bob", BOB)
        await record(scene, added_entry(alice, by="graphtwin", run="1"), AuditEntry("run", NOON, "1", {}))
        await record(scene, added_entry(bob, by="alice", run="2"))
        await record(scene, revoked_entry(alice, by="bob", at=NOON + 1, run="3"))

        found = await scene.store.audit_of(scene.world, [REVOKED, ADDED])

        assert [(one.n, one.kind, one.body["id"]) for one in found] == [
            (1, ADDED, "alice"),
            (3, ADDED, "bob"),
            (4, REVOKED, "alice"),
        ]
        assert await scene.store.audit_of(scene.world, ["nothing"]) == ()

    async def test_people_of_no_world_are_not_found(self, scene: Scene):
        with pytest.raises(NotFound):
            await scene.store.principals(scene.world + "-none")

    async def test_a_key_is_of_its_principal_in_the_worlds_where_it_was_given_s35(self, scene: Scene):
        alice, other = person(scene, "alice", ALICE), await Scene.make(scene.store, scene.world + "-2")
        digest = key_digest(scene.world)
        for one in (scene, other):
            await record(one, added_entry(person(one, "alice", ALICE), by="graphtwin", run="1"))
        assert await scene.store.holders(digest) == ()

        key = ApiKey(scene.world, "alice", digest, NOON)
        await record(scene, key_added_entry(key, by="graphtwin", run="2"))

        assert await scene.store.api_keys(scene.world) == (key,)
        assert await scene.store.api_keys(other.world) == ()
        assert await scene.store.holders(digest) == (alice,)
        assert await scene.store.holders(key_digest("another")) == ()

    async def test_an_ended_key_is_nobodys_and_stays_in_the_list_s35(self, scene: Scene):
        await record(scene, added_entry(person(scene, "alice", ALICE), by="graphtwin", run="1"))
        key = ApiKey(scene.world, "alice", key_digest(scene.world), NOON)
        await record(scene, key_added_entry(key, by="graphtwin", run="2"))

        await record(scene, key_ended_entry(key, by="graphtwin", at=NOON + MINUTE, run="3"))

        assert [one.ended_at for one in await scene.store.api_keys(scene.world)] == [NOON + MINUTE]
        assert await scene.store.holders(key.digest) == ()

    async def test_the_keys_of_who_is_revoked_end_and_dont_come_back_with_them_s35(self, scene: Scene):
        alice = person(scene, "alice", ALICE)
        key = ApiKey(scene.world, "alice", key_digest(scene.world), NOON)
        await record(scene, added_entry(alice, by="graphtwin", run="1"))
        await record(scene, key_added_entry(key, by="graphtwin", run="2"))

        await record(scene, revoked_entry(alice, by="graphtwin", at=NOON + MINUTE, run="3"))
        await record(scene, added_entry(person(scene, "alice", BOB, at=NOON + 2 * MINUTE), by="graphtwin", run="4"))

        assert [one.ended_at for one in await scene.store.api_keys(scene.world)] == [NOON + MINUTE]
        assert await scene.store.holders(key.digest) == ()

    async def test_keys_of_no_world_are_not_found(self, scene: Scene):
        with pytest.raises(NotFound):
            await scene.store.api_keys(scene.world + "-none")
