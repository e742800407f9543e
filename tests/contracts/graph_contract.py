"""Relations: edges, functional ones, attributes, what can't be drawn, neighbourhoods and paths (S15)."""

from __future__ import annotations

import pytest
from contracts.scene import DAY, MINUTE, NOON, Scene, belongs, born, decide, depends, located, say

from graphtwin.errors import NotFound
from graphtwin.model.state import At

A, B, C, D, E = (f"bus:{letter}" for letter in "abcde")
HALL, ROOM = "book:hall", "book:room"


async def chain(scene: Scene) -> None:
    """a depends on b, b on c, c on d; e stands alone; the first is known at v1."""
    await scene.write(
        *(born(record) for record in (A, B, C, D, E)), depends(A, B), depends(B, C), depends(C, D), now=NOON
    )


class GraphContract:
    async def test_a_relation_is_drawn_between_entities_s15(self, scene: Scene):
        await scene.write(born(A), born(B), depends(A, B))

        state = await scene.state()

        edge = state.edges["reported", A, "depends_on", B]
        assert (edge.held.value, edge.held.record, edge.held.valid_from) == (B, A, NOON)
        assert state.loose == ()

    async def test_to_say_that_it_is_not_so_takes_the_edge_away_s6(self, scene: Scene):
        await scene.write(born(A), born(B), depends(A, B), now=NOON)

        changes = await scene.write(depends(A, B, False, NOON + MINUTE), now=NOON + MINUTE)

        assert await scene.edges() == set()
        assert [one.key for one in changes.edges] == [("reported", A, "depends_on", B)]
        assert await scene.edges(At(NOON, 2)) == {(A, "depends_on", B)}

    async def test_a_functional_relation_moves_with_its_newest_claim_s15(self, scene: Scene):
        await scene.write(born(A), born(HALL, "zone"), born(ROOM, "zone"), located(A, HALL), now=NOON)

        await scene.write(located(A, ROOM, NOON + MINUTE), now=NOON + MINUTE)

        assert await scene.edges() == {(A, "located_in", ROOM)}
        assert await scene.edges(At(NOON, 2)) == {(A, "located_in", HALL)}

    async def test_the_winner_of_a_functional_relation_decides_without_fallback_s15(self, scene: Scene):
        await scene.write(born(A), belongs(A, "s", event="1"), born("notes:a"), belongs("notes:a", "s", event="2"))
        await scene.write(born(HALL, "zone"), located("notes:a", HALL))

        await scene.write(located(A, "book:nowhere"))

        state = await scene.state()
        assert [key for key in state.edges if key[2] == "located_in"] == []
        assert [(one.reason, one.subject, one.object_record) for one in state.loose] == [
            ("dangling", "s", "book:nowhere")
        ]

    async def test_an_object_that_comes_to_exist_is_joined_s15(self, scene: Scene):
        await scene.write(born(A), depends(A, B))
        loose = (await scene.state()).loose

        changes = await scene.write(born(B))

        assert [(one.reason, one.object_record) for one in loose] == [("dangling", B)]
        assert await scene.edges() == {(A, "depends_on", B)}
        assert [one.key for one in changes.edges] == [("reported", A, "depends_on", B)]
        assert (await scene.state()).loose == ()

    async def test_an_object_that_goes_leaves_a_dangling_relation_s15(self, scene: Scene):
        await scene.write(born(A), born(B), depends(A, B), now=NOON)

        changes = await scene.write(say(B, "@type", None, NOON + MINUTE, op="end"), now=NOON + MINUTE)

        assert await scene.edges() == set()
        assert [(one.reason, one.object_record) for one in changes.loose] == [("dangling", B)]

    async def test_a_subject_that_goes_takes_its_relations_along_s12(self, scene: Scene):
        await scene.write(born(A), born(B), depends(A, B), now=NOON)

        await scene.write(say(A, "@type", None, NOON + MINUTE, op="end"), now=NOON + MINUTE)

        state = await scene.state()
        assert (state.edges, state.loose) == ({}, ())

    async def test_relations_of_a_merged_entitys_records_collapse_into_one_edge_s15(self, scene: Scene):
        await scene.write(born(A), born(B), born(C), born(D), depends(A, C), depends(B, D))

        await scene.write(
            *(belongs(one, "ab", event=one) for one in (A, B)), *(belongs(one, "cd", event=one) for one in (C, D))
        )

        edge = (await scene.state()).edges["reported", "ab", "depends_on", "cd"]
        assert await scene.edges() == {("ab", "depends_on", "cd")}
        assert edge.held.rivals == 1

    async def test_a_self_loop_made_by_a_merge_is_listed_and_not_drawn_s15(self, scene: Scene):
        await scene.write(born(A), born(B), depends(A, B))

        await scene.write(belongs(A, B, event="merge"))

        state = await scene.state()
        assert state.edges == {}
        assert [(one.reason, one.subject, one.object_record) for one in state.loose] == [("self_loop", B, B)]

    async def test_a_record_may_relate_to_itself_s15(self, scene: Scene):
        await scene.write(born(A), depends(A, A))

        assert await scene.edges() == {(A, "depends_on", A)}

    async def test_what_is_said_about_a_record_that_is_gone_does_not_deny_the_edge_to_its_entity_s15(
        self, scene: Scene
    ):
        await scene.write(*(born(one) for one in (A, B, C, D)))
        await scene.write(
            *(belongs(one, "cd", event=one) for one in (C, D)), *(belongs(one, "ab", event=one) for one in (A, B))
        )
        await scene.write(depends(A, C), depends(B, D, False))
        denied = await scene.edges()

        await scene.write(say(D, "@type", None, NOON, op="end"))

        assert denied == set()
        assert await scene.edges() == {("ab", "depends_on", "cd")}

    async def test_attributes_of_an_edge_are_fused_and_hashed_s15(self, scene: Scene):
        await scene.write(born(A), born(B), depends(A, B))
        plain = await scene.hash()

        changes = await scene.write(
            say(A, "depends_on.load", 0.5, object=B), say(A, "depends_on.since", "May", object=B)
        )

        edge = (await scene.state()).edges["reported", A, "depends_on", B]
        assert {name: held.value for name, held in edge.attributes.items()} == {"load": 0.5, "since": "May"}
        assert [one.key for one in changes.edges] == [edge.key]
        assert await scene.hash() != plain

    async def test_attributes_come_back_with_their_edge_s15(self, scene: Scene):
        await scene.write(born(A), born(B), say(A, "depends_on.load", 0.5, object=B))
        alone = (await scene.state()).edges

        await scene.write(depends(A, B))

        assert alone == {}
        assert (await scene.state()).edges["reported", A, "depends_on", B].attributes["load"].value == 0.5

    async def test_attributes_of_a_functional_relation_belong_to_the_object_they_name_s15(self, scene: Scene):
        relations = {"located_in": {"functional": True, "attributes": {"slot": {}}}}
        other = await Scene.make(scene.store, scene.world + "-f", relations=relations)
        await other.write(born(A), born(HALL, "zone"), born(ROOM, "zone"), located(A, HALL))
        await other.write(say(A, "located_in.slot", 7, object=HALL))
        there = (await other.state()).edges["reported", A, "located_in", HALL].attributes

        await other.write(located(A, ROOM, NOON + MINUTE), now=NOON + MINUTE)

        assert there["slot"].value == 7
        assert dict((await other.state()).edges["reported", A, "located_in", ROOM].attributes) == {}

    async def test_expected_edges_stand_apart_and_are_not_hashed_s10(self, scene: Scene):
        await scene.write(born(A), born(B))
        before = await scene.hash()

        await scene.write(depends(A, B, layer="expected", kind="constraint"))

        assert set((await scene.state()).edges) == {("expected", A, "depends_on", B)}
        assert await scene.edges() == set()
        assert await scene.hash() == before

    async def test_an_entity_is_read_with_its_edges_in_both_directions_s15(self, scene: Scene):
        await chain(scene)

        found = await scene.store.entity(scene.world, B)

        assert found is not None
        assert [edge.key[1:] for edge in found[1]] == [(A, "depends_on", B), (B, "depends_on", C)]

    async def test_a_neighbourhood_reaches_as_far_as_its_hops_s19(self, scene: Scene):
        await chain(scene)

        near = await scene.store.neighbourhood(scene.world, A, 2)

        assert (near.centre, dict(near.distance)) == (A, {A: 0, B: 1, C: 2})
        assert sorted(near.entities) == [A, B, C]
        assert [edge.key[1:] for edge in near.edges] == [(A, "depends_on", B), (B, "depends_on", C)]

    async def test_a_neighbourhood_goes_against_the_arrows_too_and_stops_at_what_is_not_reported_s10(
        self, scene: Scene
    ):
        await chain(scene)
        await scene.write(depends(E, D, layer="expected"))

        near = await scene.store.neighbourhood(scene.world, D, 1)

        assert dict(near.distance) == {D: 0, C: 1}

    async def test_a_neighbourhood_of_no_hops_is_the_entity_alone_s19(self, scene: Scene):
        await chain(scene)

        near = await scene.store.neighbourhood(scene.world, B, 0)

        assert (sorted(near.entities), near.edges) == ([B], ())

    async def test_a_neighbourhood_is_read_at_an_instant_of_both_axes_s1(self, scene: Scene):
        await chain(scene)
        await scene.write(decide(B, "depends_on", None, object=C, op="withdraw", event="wrong"))
        await scene.write(depends(A, E, True, NOON + MINUTE), now=NOON + MINUTE)

        old = await scene.store.neighbourhood(scene.world, A, 3, At(NOON + DAY, 1))
        new = await scene.store.neighbourhood(scene.world, A, 3, At(NOON, 3))

        assert sorted(old.entities) == [A, B, C, D]
        assert sorted(new.entities) == [A, B]

    async def test_the_neighbourhood_of_nothing_is_not_found_s19(self, scene: Scene):
        await chain(scene)

        with pytest.raises(NotFound):
            await scene.store.neighbourhood(scene.world, "bus:nobody", 2)

    async def test_all_shortest_paths_are_found_in_either_direction_s19(self, scene: Scene):
        await chain(scene)
        await scene.write(depends(A, E), depends(C, E))

        paths = await scene.store.paths(scene.world, C, A, max_hops=4)

        assert [[edge.key[1:] for edge in path] for path in paths] == [
            [(B, "depends_on", C), (A, "depends_on", B)],
            [(C, "depends_on", E), (A, "depends_on", E)],
        ]

    async def test_no_path_is_found_beyond_the_hops_or_to_nothing_s19(self, scene: Scene):
        await chain(scene)

        assert await scene.store.paths(scene.world, A, D, max_hops=2) == ()
        assert await scene.store.paths(scene.world, A, E, max_hops=9) == ()
        assert await scene.store.paths(scene.world, A, "bus:nobody", max_hops=9) == ()
        assert await scene.store.paths(scene.world, A, A, max_hops=9) == ()
        assert len(await scene.store.paths(scene.world, A, D, max_hops=3)) == 1

    async def test_two_relations_between_two_entities_are_two_paths_s15(self, scene: Scene):
        await scene.write(born(A), born(HALL, "zone"), located(A, HALL), depends(A, HALL))

        paths = await scene.store.paths(scene.world, HALL, A, max_hops=2)

        assert [path[0].relation for path in paths] == ["depends_on", "located_in"]
