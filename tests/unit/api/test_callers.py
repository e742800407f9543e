"""Who asks with the key of a principal is let in where it was given, with the role that they have there."""

from __future__ import annotations

import pytest
from e2e.small_world import SmallWorld
from unit.api.conftest import Client, client_of

from graphtwin.api.deciding.admission import LEAST
from graphtwin.api.limits import Limits
from graphtwin.api.schema import make_schema
from graphtwin.app.api_keys import end_keys, give_key
from graphtwin.app.people import add_user, revoke_user
from graphtwin.errors import Refused
from graphtwin.store.audit_verify import verify_log
from graphtwin.store.keys import keys_folder, load_public_keys

HEAD = '{ world(id: "plant") { version } }'


async def key_of(plant: SmallWorld, name: str = "vera", role: str = "viewer") -> str:
    await add_user(plant.store, plant.id, name, role=role, public_key=None, by=None)
    return (await give_key(plant.store, plant.id, name, by=name)).secret


async def test_a_principals_key_lets_in_where_it_was_given_and_nowhere_else(plant: SmallWorld, client: Client):
    vera = client.with_key(await key_of(plant))

    asked = await vera.data("{ worlds { id } " + HEAD[2:])
    elsewhere = await vera.error('{ world(id: "other") { version } }')

    assert asked == {"worlds": [{"id": "plant"}], "world": {"version": "v2"}}
    assert elsewhere["extensions"]["code"] == "FORBIDDEN"


async def test_a_world_that_is_there_and_one_that_isnt_are_refused_in_the_same_words(plant: SmallWorld, tmp_path):
    other = SmallWorld(tmp_path / "other", plant.store)
    other.config["world"]["id"] = "other"
    await other.sync()
    vera = client_of(plant.store).with_key(await key_of(plant))

    there, none = [await vera.error(f'{{ world(id: "{name}") {{ version }} }}') for name in ("other", "nonesuch")]

    assert there["message"].replace("other", "nonesuch") == none["message"]
    assert await vera.data("{ worlds { id } }") == {"worlds": [{"id": "plant"}]}
    assert {one["id"] for one in (await client_of(plant.store).data("{ worlds { id } }"))["worlds"]} == {
        "other",
        "plant",
    }


async def test_an_ended_key_and_one_of_who_was_revoked_let_nobody_in(plant: SmallWorld, client: Client):
    ended, revoked = await key_of(plant), await key_of(plant, "walt")

    await end_keys(plant.store, plant.id, "vera", by="vera")
    await revoke_user(plant.store, plant.id, "walt", by="walt")

    for key in (ended, revoked):
        assert (await client.with_key(key).post(HEAD)).status_code == 401
    metrics = (await client.http.get("/metrics")).text
    assert "graphtwin_unknown_keys_total 2.0" in metrics
    assert ended not in metrics


async def test_keys_are_decisions_that_the_log_outside_proves(plant: SmallWorld):
    key = await key_of(plant)

    await end_keys(plant.store, plant.id, "vera", by="vera")

    log = plant.folder / "audit" / "plant.jsonl"
    assert key not in log.read_text("utf-8")
    assert verify_log(log, load_public_keys(keys_folder())).intact
    assert (await plant.store.verify("plant")).passed


async def test_only_an_admin_gives_keys_to_others(plant: SmallWorld):
    await add_user(plant.store, plant.id, "ada", role="admin", public_key=None, by=None)
    await add_user(plant.store, plant.id, "olaf", role="operator", public_key=None, by="ada")

    with pytest.raises(Refused, match="needs admin"):
        await give_key(plant.store, plant.id, "ada", by="olaf")

    assert (await give_key(plant.store, plant.id, "olaf", by="ada")).by == "ada"


def test_every_root_has_a_least_role():
    schema = make_schema(Limits())._schema

    kinds = [kind for kind in (schema.query_type, schema.mutation_type, schema.subscription_type) if kind]

    assert {(kind.name, name) for kind in kinds for name in kind.fields} == set(LEAST)


def test_a_root_without_a_least_role_keeps_the_schema_from_being_made(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(LEAST, ("Query", "snapshot"))

    with pytest.raises(KeyError, match="snapshot"):
        make_schema(Limits())
