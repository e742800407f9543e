"""What is answered about a state is what the store says, at the instant that is named."""

from __future__ import annotations

import json

from e2e.small_world import SmallWorld, reading
from unit.api.conftest import Client

from graphtwin.api.asking import Asking
from graphtwin.api.caller import Caller
from graphtwin.api.deciding.chain import Chain
from graphtwin.api.limits import Limits
from graphtwin.api.metrics import Metrics
from graphtwin.model.commit import Head
from graphtwin.model.durations import SECOND
from graphtwin.model.instants import format_instant

T1 = "sensor:local/t1"
VALUES = "reported { name value unit validFrom source confidence disputed fact }"


async def test_a_snapshot_is_the_state_with_its_hash(plant: SmallWorld, client: Client):
    head, state = await plant.head(), await plant.state()

    data = await client.data(
        '{ snapshot(world: "plant") { at { version asOf } hash entityCount entities { id type } } }'
    )

    assert data["snapshot"]["at"] == {"version": head.version, "asOf": format_instant(head.valid)}
    assert data["snapshot"]["hash"] == head.hash
    assert [one["id"] for one in data["snapshot"]["entities"]] == sorted(state.entities)


async def test_an_entity_has_values_with_unit_time_source_and_confidence(plant: SmallWorld, client: Client):
    entity = await plant.entity("t1")
    assert entity is not None
    held = entity.reported["reading"]

    data = await client.data(f'{{ entity(world: "plant", id: "{T1}") {{ entity {{ {VALUES} }} }} }}')

    [value] = [one for one in data["entity"]["entity"]["reported"] if one["name"] == "reading"]
    assert value == {
        "name": "reading", "value": 93, "unit": "Cel", "validFrom": "2026-01-01T01:00:00Z", "source": "readings",
        "confidence": held.confidence, "disputed": False, "fact": held.fact,
    }  # fmt: skip


async def test_an_entity_shows_relationships_out_of_it_and_into_it(client: Client):
    data = await client.data(
        '{ entity(world: "plant", id: "sensor:local/t2") {'
        " entity { relationships { relation object } } relationshipsIn { subject relation } } }"
    )

    assert data["entity"]["entity"]["relationships"] == [{"relation": "feeds", "object": T1}]
    assert data["entity"]["relationshipsIn"] == [{"subject": "sensor:local/t3", "relation": "feeds"}]


async def test_an_entity_that_isn_t_there_is_null(client: Client):
    assert await client.data('{ entity(world: "plant", id: "no") { entity { id } } }') == {"entity": None}


async def test_the_past_is_asked_by_valid_time_by_version_and_by_when_it_was_known(plant: SmallWorld, client: Client):
    [_, first, _] = await plant.store.commits("plant", after=-1)
    query = f'query ($a: Instant, $k: Instant, $v: String) {{ entity(world: "plant", id: "{T1}", asOf: $a, knownAt: $k, version: $v) {{ entity {{ {VALUES} }} }} }}'

    answers = [
        await client.data(query, **named)
        for named in ({"a": "2026-01-01T00:30:00Z"}, {"v": "v1"}, {"k": format_instant(first.committed_at)}, {})
    ]

    said = [[v["value"] for v in one["entity"]["entity"]["reported"] if v["name"] == "reading"] for one in answers]
    assert said == [[20], [20], [20], [93]]


async def test_pages_together_are_all_entities_and_belong_to_one_version(plant: SmallWorld, client: Client):
    query = 'query ($after: String) { entities(world: "plant", first: 1, after: $after) { at { version } edges { node { id } } pageInfo { hasNextPage endCursor } } }'
    found, versions, after = [], set(), None
    expected = sorted((await plant.state()).entities)

    while True:
        page = (await client.data(query, after=after))["entities"]
        found += [edge["node"]["id"] for edge in page["edges"]]
        versions.add(page["at"]["version"])
        if len(found) == 1:  # somebody commits between two pages
            plant.say(reading("a0", 1, "2026-01-01T02:00:00Z"), reading("t9", 1, "2026-01-01T02:00:00Z"))
            await plant.sync()
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]

    assert found == expected
    assert versions == {"v2"}


async def test_entities_are_sifted_by_type_source_and_dispute(client: Client):
    query = 'query ($w: EntityFilter) { entities(world: "plant", where: $w) { edges { node { id } } } }'

    async def found(**where: object) -> list[str]:
        return [edge["node"]["id"][-2:] for edge in (await client.data(query, w=where))["entities"]["edges"]]

    assert await found(type="sensor") == ["t1", "t2", "t3"]
    assert await found(type="pump") == []
    assert await found(source="book") == ["t1"]
    assert await found(disputed=True) == []
    assert await found(lifecycle="active", disputed=False) == ["t1", "t2", "t3"]


async def test_a_neighbourhood_says_how_far_each_is(client: Client):
    data = await client.data(
        f'{{ neighbourhood(world: "plant", entity: "{T1}", hops: 2) {{ centre entities {{ distance entity {{ id }} }} }} }}'
    )

    near = data["neighbourhood"]
    assert near["centre"] == T1
    assert [(one["distance"], one["entity"]["id"][-2:]) for one in near["entities"]] == [
        (0, "t1"),
        (1, "t2"),
        (2, "t3"),
    ]


async def test_a_path_is_a_row_of_relationships(client: Client):
    data = await client.data(
        f'{{ paths(world: "plant", source: "{T1}", target: "sensor:local/t3") {{ paths {{ relationships {{ subject object }} }} }} }}'
    )

    [path] = data["paths"]["paths"]
    assert [one["subject"][-2:] + one["object"][-2:] for one in path["relationships"]] == ["t2t1", "t3t2"]


async def test_a_difference_shows_the_value_before_and_after(client: Client):
    data = await client.data(
        '{ diff(world: "plant", before: "v1", after: "v2") { values { entity name before { value } after { value } } } }'
    )

    assert {"entity": T1, "name": "reading", "before": {"value": 20}, "after": {"value": 93}} in data["diff"]["values"]


async def test_all_roots_of_a_request_read_one_version_whoever_commits_beside_s19(plant: SmallWorld, client: Client):
    roots = "at { version asOf }"
    many = " ".join(f'a{n}: snapshot(world: "plant") {{ {roots} hash }}' for n in range(5))
    heads = []
    real = plant.store.head

    async def and_then_somebody_commits(world: str):
        head = await real(world)
        heads.append(head)
        plant.store.head = real
        plant.say(reading("t1", 5 + len(heads), f"2026-01-01T03:00:0{len(heads)}Z"))
        await plant.sync()
        return head

    plant.store.head = and_then_somebody_commits
    data = await client.data(f'{{ {many} entity(world: "plant", id: "{T1}") {{ {roots} }} }}')

    assert (await plant.head()).seq > heads[0].seq
    assert {json.dumps(one["at"]) for one in data.values()} == {
        json.dumps({"version": "v2", "asOf": format_instant(heads[0].valid)})
    }
    assert {one["hash"] for name, one in data.items() if name != "entity"} == {heads[0].hash}


async def test_a_request_knows_of_no_commit_after_its_own_head(plant: SmallWorld):
    asking = Asking(plant.store, Limits(), Caller(), Chain(plant.store, Metrics()))
    before = await asking.head("plant")
    plant.say(reading("t1", 94, "2026-01-01T02:00:00Z"))
    await plant.sync()

    later = (await plant.head()).committed_at + 60 * SECOND
    present, past = await asking.at("plant", None, later, None), await asking.at("plant", before.valid - 1, later, None)

    assert (present.seq, present.valid) == (before.seq, before.valid)
    assert (past.seq, past.valid) == (before.seq, before.valid - 1)


async def test_the_versions_of_a_request_end_at_its_own_head(plant: SmallWorld, client: Client):
    head = await plant.head()
    plant.say(reading("t1", 94, "2026-01-01T02:00:00Z"))
    await plant.sync()

    async def before(_: str) -> Head:
        return head

    plant.store.head = before
    data = await client.data(
        '{ snapshot(world: "plant") { at { version } } versions(world: "plant", after: "v1") { version } }'
    )

    assert data == {"snapshot": {"at": {"version": "v2"}}, "versions": [{"version": "v2"}]}
