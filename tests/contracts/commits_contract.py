"""Commits: versions, leases, writers, keys, worlds beside each other (S1, S3, S4, S20, S21)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
from contracts.scene import MINUTE, NOON, TTL, Scene, born, decide, depends, say, twin

from graphtwin.errors import Conflict, LeaseLost, NotFound
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.methods.state.version_id import version_id
from graphtwin.model.commit import Draft
from graphtwin.model.state import At, State
from graphtwin.ports import Store

S = "bus:s1"


class CommitsContract:
    async def test_a_new_world_is_empty_at_version_0_s21(self, scene: Scene):
        head = await scene.store.head(scene.world)

        empty = state_hash(State(At(NOON, 0), {}, {}))
        assert (head.seq, head.version, head.valid, head.hash) == (0, "v0", NOON, empty)
        assert head.version_id == version_id(scene.world, 0, "", empty, scene.config.hash())
        assert head.configuration == scene.config.hash()
        assert (await scene.state()).entities == {}
        assert scene.world in [one.world for one in await scene.store.worlds()]

    async def test_making_a_world_twice_leaves_it_as_it_is_s3(self, scene: Scene):
        await scene.write(born(S))
        before = await scene.store.head(scene.world)

        again = await scene.store.create_world(twin(scene.world, trust={"min_trust": 0.5}), NOON + MINUTE)

        assert again == before

    async def test_an_unknown_world_or_version_is_not_found_s3(self, scene: Scene):
        with pytest.raises(NotFound):
            await scene.store.head(scene.world + "-nowhere")
        with pytest.raises(NotFound):
            await scene.state(At(NOON, 1))
        with pytest.raises(NotFound):
            await scene.store.configuration(scene.world, 1)

    async def test_each_commit_chains_to_the_one_before_s21(self, scene: Scene):
        for number in range(3):
            await scene.write(born(S), say(S, "reading", number, NOON + number))

        commits = await scene.store.commits(scene.world, after=-1)

        assert [commit.seq for commit in commits] == [0, 1, 2, 3]
        for parent, child in pairwise(commits):
            assert child.parent_version_id == parent.version_id
            assert child.committed_at > parent.committed_at
            assert child.valid >= parent.valid
            assert child.version_id == version_id(
                scene.world, child.seq, parent.version_id, child.hash, child.configuration
            )
        assert commits[1:] == tuple(scene.commits)
        assert [commit.facts for commit in commits] == [0, 2, 1, 1]

    async def test_commits_come_in_pages_s19(self, scene: Scene):
        for number in range(4):
            await scene.write(born(f"bus:{number}"))

        page = await scene.store.commits(scene.world, after=1, limit=2)

        assert [commit.seq for commit in page] == [2, 3]

    async def test_an_instant_of_the_wall_clock_names_one_version_s1(self, scene: Scene):
        await scene.write(born(S))
        await scene.write(say(S, "reading", 1))
        zero, one, two = await scene.store.commits(scene.world, after=-1)

        async def at(instant: int) -> int | None:
            found = await scene.store.commit_at(scene.world, known_at=instant)
            return found.seq if found else None

        assert [await at(commit.committed_at) for commit in (zero, one, two)] == [0, 1, 2]
        assert await at(two.committed_at - 1) == 1
        assert await at(two.committed_at + MINUTE) == 2
        assert await at(zero.committed_at - 1) is None

    async def test_a_commit_is_found_by_its_key_s20(self, scene: Scene):
        await scene.write(born(S))

        found = await scene.store.commit_of(scene.world, "key-1")

        assert found == scene.last
        assert await scene.store.commit_of(scene.world, "key-2") is None

    async def test_a_key_makes_one_version_only_s20(self, scene: Scene):
        await scene.write(born(S))
        before = await scene.store.head(scene.world)
        scene.next_key = "key-1"

        with pytest.raises(Conflict):
            await scene.write(say(S, "reading", 1))

        assert await scene.store.head(scene.world) == before
        assert await scene.value(S, "reading") is None

    async def test_leaving_without_a_commit_writes_nothing_at_all_s20(self, scene: Scene):
        assert scene.lease is not None
        before = await scene.store.head(scene.world)

        async with scene.store.begin(scene.lease) as transaction:
            await transaction.write(Draft(now=NOON, facts=(born(S), say(S, "reading", 1)), cursors={"bus": {"n": 1}}))

        assert await scene.store.head(scene.world) == before
        assert await scene.store.entity(scene.world, S) is None
        assert await scene.store.cursors(scene.world) == {}

    async def test_an_error_inside_writes_nothing_and_the_world_goes_on_s20(self, scene: Scene):
        async def fail() -> None:
            assert scene.lease is not None
            async with scene.store.begin(scene.lease) as transaction:
                await transaction.write(Draft(now=NOON, facts=(born(S),)))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()

        await scene.write(born(S), say(S, "reading", 2))

        assert await scene.value(S, "reading") == 2
        assert (await scene.store.head(scene.world)).seq == 1

    async def test_several_writes_of_a_transaction_are_one_version_at_one_as_of_s20(self, scene: Scene):
        assert scene.lease is not None
        async with scene.store.begin(scene.lease) as transaction:
            first = await transaction.write(Draft(now=NOON + MINUTE, facts=(born(S), say(S, "reading", 1))))
            second = await transaction.write(
                Draft(
                    now=NOON + 9 * MINUTE,
                    facts=(decide(S, "mode", "on", event="d"), say(S, "level", 1, NOON + 5 * MINUTE)),
                )
            )
            commit = await transaction.commit("key", "run")

        assert commit is not None
        assert (commit.seq, commit.valid, commit.facts) == (1, NOON + MINUTE, 4)
        assert [one.name for one in first.values] == ["reading"]
        assert [one.name for one in second.values] == ["mode"]
        assert second.before_hash == first.after_hash
        assert second.after_hash == commit.hash == await scene.hash()
        assert "level" not in (await scene.seen(S)).reported

    async def test_the_changes_of_a_write_name_both_versions_and_hashes_s21(self, scene: Scene):
        before = await scene.store.head(scene.world)

        changes = await scene.write(born(S))

        after = await scene.store.head(scene.world)
        assert (changes.before_seq, changes.before_hash) == (before.seq, before.hash)
        assert (changes.after_seq, changes.after_hash) == (after.seq, after.hash)

    async def test_a_transaction_without_a_write_makes_no_version_s4(self, scene: Scene):
        assert scene.lease is not None
        async with scene.store.begin(scene.lease) as transaction:
            assert transaction.head == await scene.store.head(scene.world)
            assert await transaction.commit("key", "run") is None

        assert (await scene.store.head(scene.world)).seq == 0
        assert await scene.store.commit_of(scene.world, "key") is None

    async def test_a_world_that_is_held_is_refused_to_others_s20(self, scene: Scene):
        with pytest.raises(Conflict):
            await scene.store.acquire(scene.world, "somebody else", ttl=TTL)

    async def test_a_holder_that_asks_again_fences_its_older_lease_s20(self, scene: Scene):
        assert scene.lease is not None
        again = await scene.store.acquire(scene.world, "writer", ttl=TTL)

        with pytest.raises(LeaseLost):
            async with scene.store.begin(scene.lease):
                pytest.fail("the older lease still writes")
        scene.lease = again
        await scene.write(born(S))

        assert again.epoch > 1
        assert (await scene.store.head(scene.world)).epoch == again.epoch

    async def test_an_expired_lease_may_be_taken_and_its_holder_is_fenced_s20(self, scene: Scene):
        assert scene.lease is not None
        await scene.store.release(scene.lease)
        late = await scene.store.acquire(scene.world, "late", ttl=1)
        await asyncio.sleep(0.02)

        await scene.store.acquire(scene.world, "next", ttl=TTL)

        with pytest.raises(LeaseLost):
            async with scene.store.begin(late):
                pytest.fail("the expired lease still writes")

    async def test_a_lease_that_was_given_back_writes_no_more_and_frees_the_world_s20(self, scene: Scene):
        assert scene.lease is not None
        await scene.store.release(scene.lease)

        with pytest.raises(LeaseLost):
            async with scene.store.begin(scene.lease):
                pytest.fail("a lease that was given back still writes")
        other = await scene.store.acquire(scene.world, "somebody else", ttl=TTL)

        assert other.epoch > scene.lease.epoch

    async def test_giving_a_lost_lease_back_harms_nobody_s20(self, scene: Scene):
        assert scene.lease is not None
        older = scene.lease
        scene.lease = await scene.store.acquire(scene.world, "writer", ttl=TTL)

        await scene.store.release(older)

        await scene.write(born(S))
        assert scene.last is not None

    async def test_an_invented_epoch_writes_nothing_s20(self, scene: Scene):
        assert scene.lease is not None
        with pytest.raises(LeaseLost):
            async with scene.store.begin(replace(scene.lease, epoch=scene.lease.epoch + 1)):
                pytest.fail("an epoch that was never given out writes")

    async def test_two_writers_take_turns_and_lose_nothing_s20(self, scene: Scene):
        lease = scene.lease
        assert lease is not None

        async def write(number: int) -> int:
            async with scene.store.begin(lease) as transaction:
                seen = transaction.head.seq
                await asyncio.sleep(0.01)
                fact = decide(S, "reading", number, NOON + number, event=f"d{number}")
                await transaction.write(Draft(now=NOON, facts=(born(S), fact)))
                commit = await transaction.commit(f"turn-{number}", "run")
            assert commit is not None
            assert commit.seq == seen + 1
            return commit.seq

        seqs = await asyncio.gather(*(write(number) for number in range(4)))

        assert sorted(seqs) == [1, 2, 3, 4]
        facts = await scene.store.history(scene.world, S, "reading")
        assert len({fact.prio for fact in facts}) == 4

    async def test_readers_see_the_old_version_until_the_commit_s19(self, scene: Scene):
        assert scene.lease is not None
        await scene.write(born(S), say(S, "reading", 1))

        async with scene.store.begin(scene.lease) as transaction:
            await transaction.write(Draft(now=NOON, facts=(decide(S, "reading", 2, event="d"),)))
            during = await scene.value(S, "reading", await scene.at_head(NOON))
            await transaction.commit("key", "run")

        assert during == 1
        assert await scene.value(S, "reading") == 2

    async def test_worlds_beside_each_other_do_not_see_each_other_s3(self, scene: Scene):
        other = await Scene.make(scene.store, scene.world + "-b")
        for one, value in ((scene, 1), (other, 2)):
            await one.write(
                born(S), born("bus:s2"), say(S, "reading", value, event="the same event", place="p"), depends(S, "bus:s2"),
                cursors={"bus": {"at": value}},
            )  # fmt: skip
        await other.write(decide(S, "reading", 3, event="d"), say(S, "@type", None, NOON, op="end"))

        assert await scene.value(S, "reading") == 1
        assert (await scene.store.head(scene.world)).seq == 1
        assert (await scene.store.head(scene.world)).issue == 0
        assert dict(await scene.store.cursors(scene.world)) == {"bus": {"at": 1}}
        assert len(await scene.store.history(scene.world, S, "reading")) == 1
        assert sorted((await scene.state()).entities) == [S, "bus:s2"]
        assert sorted((await other.state()).entities) == ["bus:s2"]
        assert (await scene.store.neighbourhood(scene.world, S, 2)).distance == {S: 0, "bus:s2": 1}
        assert (await scene.store.verify(scene.world)).problems == ()
        assert (await scene.store.verify(other.world)).problems == ()

    async def test_a_draft_of_thousands_of_facts_is_written_whole_s20(self, scene: Scene):
        records = [f"bus:{number}" for number in range(2600)]
        said = [*(born(record) for record in records), *(say(record, "reading", 1) for record in records)]
        said += [depends(one, other) for one, other in pairwise(records[:300])]

        changes = await scene.write(*said)

        state = await scene.state()
        assert (len(state.entities), len(state.edges)) == (2600, 299)
        assert all("reading" in one.reported for one in state.entities.values())
        assert (len(changes.entities), len(changes.values), len(changes.edges)) == (2600, 2600, 299)
        assert state_hash(state) == await scene.hash()

    async def test_a_world_goes_on_under_a_second_opening_of_the_store_s20(self, scene: Scene, store: Store):
        await scene.write(born(S), say(S, "reading", 1))
        before = await scene.hash()

        await store.open()

        assert await scene.hash() == before
        assert await scene.value(S, "reading") == 1

    async def test_a_good_world_verifies_and_rebuilds_to_itself_s18(self, scene: Scene):
        await scene.write(born(S), born("bus:s2"), say(S, "reading", 1), depends(S, "bus:s2"), depends(S, "bus:gone"))
        await scene.write(decide(S, "reading", None, op="withdraw", event="w"), say(S, "level", 2, NOON + MINUTE))
        before = await scene.state()

        rebuilt = await scene.store.rebuild(scene.world)
        verified = await scene.store.verify(scene.world)

        assert (rebuilt.problems, verified.problems) == ((), ())
        assert verified.passed
        assert (verified.seq, verified.hash) == (2, await scene.hash())
        assert await scene.state() == before
