"""What an export asks of a store: a whole world in portions, and what is behind it by name (S19)."""

from __future__ import annotations

import pytest
from contracts.scene import DAY, MINUTE, NOON, Scene, belongs, born, depends, located, roster, say

from graphtwin.errors import NotFound
from graphtwin.model.commit import AuditEntry, Draft, RunRecord
from graphtwin.model.state import At, Edge, EntityState
from graphtwin.ports import Portion

A, B, C, HALL = "bus:a", "bus:b", "book:c", "book:hall"


async def hall(scene: Scene) -> None:
    """v1: a and b are `s`, c stands in the hall and depends on a; v2 moves time on, and ends b."""
    await scene.write(
        born(A), born(B), born(C), born(HALL, "zone"), belongs(A, "s", event="1"), belongs(B, "s", event="2"),
        say(A, "reading", 20), say(B, "reading", 22), say(A, "reading", 19, layer="desired"), located(C, HALL),
        depends(C, A), say(C, "depends_on.load", 3, object=A),
    )  # fmt: skip
    await scene.write(say(B, "@type", None, NOON + MINUTE, op="end"), now=NOON + MINUTE)


async def portions(scene: Scene, at: At, size: int) -> list[Portion]:
    return [one async for one in scene.store.portions(scene.world, at, size=size)]


def joined(found: list[Portion]) -> tuple[dict[str, EntityState], dict[object, Edge]]:
    return (
        {entity.id: entity for one in found for entity in one.entities},
        {edge.key: edge for one in found for edge in one.edges},
    )


class PortionsContract:
    @pytest.mark.parametrize("size", [1, 2, 500])
    async def test_portions_together_are_the_state_at_each_instant_s19(self, scene: Scene, size: int):
        await hall(scene)

        for at in (At(NOON, 1), At(NOON + MINUTE, 2), At(NOON, 2), At(NOON - DAY, 2)):
            found = await portions(scene, at, size)

            state = await scene.state(at)
            entities, edges = joined(found)
            assert (entities, edges) == (state.entities, state.edges)
            assert list(entities) == sorted(entities)
            assert all(len(one.entities) <= size for one in found)

    async def test_portions_after_an_id_are_what_follows_it(self, scene: Scene):
        await hall(scene)
        at = At(NOON, 2)
        whole = [one.id for portion in await portions(scene, at, 500) for one in portion.entities]

        for place, id_ in enumerate(whole):
            behind = [one async for one in scene.store.portions(scene.world, at, size=2, after=id_)]
            assert [one.id for portion in behind for one in portion.entities] == whole[place + 1 :]

    async def test_a_portion_holds_every_claim_of_its_records_those_that_lost_too_s11(self, scene: Scene):
        await hall(scene)

        [merged] = [one for one in await portions(scene, At(NOON, 2), 1) if one.entities[0].id == "s"]

        said = [(claim.layer, claim.record, claim.name, claim.value, claim.seq) for claim in merged.claims.values()]
        assert sorted(one for one in said if one[2] == "reading") == [
            ("desired", A, "reading", 19, 1), ("reported", A, "reading", 20, 1), ("reported", B, "reading", 22, 1),
        ]  # fmt: skip
        assert {(one[1], one[3]) for one in said if one[2] == "@entity"} == {(A, "s"), (B, "s")}
        assert merged.claims.keys() == {claim.id for claim in merged.claims.values()}

    async def test_what_a_roster_retired_is_in_no_portion_s24(self, scene: Scene):
        await hall(scene)
        for minute in (2, 3):
            now = NOON + minute * MINUTE
            await scene.write(roster("book", ["hall"], now), now=now)

        found = await portions(scene, At(NOON + 3 * MINUTE, 4), 500)

        assert [entity.id for one in found for entity in one.entities] == [HALL, "s"]
        assert joined(found)[1] == (await scene.state()).edges

    async def test_an_empty_world_has_no_portions_and_no_world_is_not_found(self, scene: Scene):
        assert await portions(scene, At(NOON, 0), 500) == []
        with pytest.raises(NotFound):
            [one async for one in scene.store.portions(scene.world + "-none", At(NOON, 0))]
        with pytest.raises(NotFound):
            await portions(scene, At(NOON, 9), 500)

    async def test_versions_are_found_by_number(self, scene: Scene):
        await hall(scene)

        found = await scene.store.commits_named(scene.world, [2, 0, 9, 2])

        every = await scene.store.commits(scene.world, after=-1)
        assert found == (every[0], every[2])

    async def test_runs_are_found_by_id(self, scene: Scene):
        runs = [
            RunRecord(f"{scene.world}-{name}", scene.world, "w", NOON, None, "running", "receive", None, {})
            for name in "abc"
        ]
        for one in runs:
            await scene.store.save_run(one)

        found = await scene.store.runs_named(scene.world, [runs[2].id, runs[0].id, "no such run"])

        assert found == (runs[0], runs[2])

    async def test_audit_records_are_found_by_their_run_s20(self, scene: Scene):
        assert scene.lease is not None
        for number in range(3):
            async with scene.store.begin(scene.lease) as transaction:
                await transaction.write(Draft(now=NOON, facts=(born(A, event=f"{number}"),)))
                await transaction.record([AuditEntry(kind, NOON, f"run-{number}", {}) for kind in ("commit", "run")])
                await transaction.commit(f"key-{number}", f"run-{number}")

        found = await scene.store.audit_of_runs(scene.world, ["run-2", "run-0", "none"])

        assert [(record.n, record.run) for record in found] == [(1, "run-0"), (2, "run-0"), (5, "run-2"), (6, "run-2")]
        assert found == tuple(one for one in await scene.store.audit(scene.world) if one.run != "run-1")

    async def test_what_is_named_in_no_world_is_not_found(self, scene: Scene):
        world = scene.world + "-none"

        for ask in (
            scene.store.commits_named(world, [0]),
            scene.store.runs_named(world, ["a"]),
            scene.store.audit_of_runs(world, ["a"]),
        ):
            with pytest.raises(NotFound):
                await ask

    @pytest.mark.parametrize("limit", [1, 2, 500])
    async def test_pages_one_after_the_other_are_the_state_at_each_instant_s19(self, scene: Scene, limit: int):
        await hall(scene)

        for at in (At(NOON, 1), At(NOON + MINUTE, 2), At(NOON, 2), At(NOON - DAY, 2)):
            found, after = [], ""
            while (portion := await scene.store.page(scene.world, at, limit=limit, after=after)).entities:
                found.append(portion)
                after = portion.entities[-1].id

            state = await scene.state(at)
            assert joined(found) == (state.entities, state.edges)
            assert [len(one.entities) for one in found[:-1]] == [limit] * (len(found) - 1)

    async def test_a_page_of_no_world_or_version_is_not_found(self, scene: Scene):
        with pytest.raises(NotFound):
            await scene.store.page(scene.world, At(NOON, 99), limit=1)
        with pytest.raises(NotFound):
            await scene.store.page(scene.world + "-none", At(NOON, 1), limit=1)
