"""What is decided and done over GraphQL in the real database, with gql: by role, signed, kept, and proved afterwards."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from e2e.acting_world import DEVICES, ActingWorld
from e2e.real_world import real_store
from e2e.served import KEY, serving
from fakes.building_actuator import BuildingActuator, building
from gql import Client, GraphQLRequest
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.httpx import HTTPXAsyncTransport

from graphtwin.app.api_keys import end_keys, give_key
from graphtwin.app.people import add_user
from graphtwin.client.remote_store import RemoteStore
from graphtwin.client.server import Server
from graphtwin.methods.audit.api_entries import ASKED, REFUSED
from graphtwin.model.principal import active_principal
from graphtwin.store.audit_verify import verify_log
from graphtwin.store.keys import keys_folder, load_public_keys, read_private_key
from graphtwin.store.person_keys import private_path
from graphtwin.store.server import ServerAddress

pytestmark = pytest.mark.neo4j


@pytest.fixture
def bms(tmp_path: Path) -> Iterator[BuildingActuator]:
    with building(tmp_path / "bms", DEVICES) as one:
        yield one


async def test_persons_decide_over_graphql_and_everything_is_proved_s35(
    tmp_path: Path, bms: BuildingActuator, neo4j_server: ServerAddress, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    async with real_store(neo4j_server) as store:
        floor = ActingWorld(tmp_path / "floor", store, bms, pre_approved=[])
        floor.config["world"]["id"] = world = f"floor-{uuid4().hex[:8]}"
        await floor.sync()
        keys = {role: await person(floor, f"{role}-1", role) for role in ("viewer", "operator", "approver", "admin")}

        async with serving(store, seconds=300.0) as address:
            ask = Asked(address, world)
            [plan] = (await ask(keys["viewer"], "{ plans(world: $w) { id status digest } }"))["plans"]
            to_sign = (
                await ask(
                    keys["approver"], f'{{ approvalToSign(world: $w, plan: "{plan["id"]}") {{ document message }} }}'
                )
            )["approvalToSign"]
            signature = await signed(floor, "approver-1", to_sign["message"])
            approve = (
                f'mutation {{ approve(world: $w, plan: "{plan["id"]}", document: $d, signature: "{signature}")'
                " { status refusal { message } } }"
            )
            forbidden = await refused(ask(keys["operator"], approve, d=to_sign["document"]))
            approved = (await ask(keys["approver"], approve, d=to_sign["document"]))["approve"]
            acted = (
                await ask(keys["operator"], f'mutation {{ act(world: $w, plan: "{plan["id"]}") {{ status version }} }}')
            )["act"]
            taken = (await ask(keys["approver"], "mutation { takeBack(world: $w) { status version } }"))["takeBack"]
            override = (
                'mutation { override(world: $w, entity: "za", variable: "fan", value: "40",'
                ' ground: {evidence: "https://desk.example/7"}) { status version changes { values { name } } } }'
            ).replace('"za"', f'"{(await zone(floor))}"')
            decided = (await ask(keys["approver"], override))["override"]
            looked = await ask(keys["viewer"], "{ world(id: $w) { version } }")
            back = await ask(
                keys["approver"], f'mutation {{ rollback(world: $w, to: "{taken["version"]}") {{ status }} }}'
            )
            rows = await ask(KEY, '{ query(world: $w, text: "MATCH (z:Zone {world: $world}) RETURN z.id AS id ORDER BY id")'
                                  " { columns rows cut } }")  # fmt: skip
            remote = RemoteStore(Server(address, KEY))
            asked = await remote.query("RETURN $world AS w", {"world": world}, rows=1_000, seconds=30)
            await end_keys(store, world, "approver-1", by="admin-1")
            with pytest.raises(TransportServerError, match="401"):
                await ask(keys["approver"], "{ worlds { id } }")

        chain = await store.audit_of(world, [ASKED, REFUSED])
        verified = await store.verify(world)

    assert forbidden == "FORBIDDEN"
    assert approved == {"status": "approved", "refusal": None}
    assert (acted["status"], taken["status"]) == ("action_taken", "rolled_back")
    assert [one.body for one in bms.effects()] == [{"setpoint": 22.0}, {"setpoint": 25.0}]
    assert decided["status"] == "decided"
    assert looked["world"]["version"] == decided["version"]
    assert back["rollback"]["status"] == "restored"
    assert (asked.columns, asked.rows, asked.cut) == (("w",), ((world,),), False)
    assert [len(row) for row in rows["query"]["rows"]] == [1, 1]
    assert [(one.kind, one.body["root"]) for one in chain] == [
        (REFUSED, "approve"), (ASKED, "approve"), (ASKED, "act"), (ASKED, "takeBack"), (ASKED, "override"), (ASKED, "rollback"),
    ]  # fmt: skip
    assert verified.passed, verified.problems
    assert verify_log(floor.folder / "audit" / f"{world}.jsonl", load_public_keys(keys_folder())).intact


class Asked:
    """Asks a server about one world with gql."""

    def __init__(self, address: str, world: str) -> None:
        self._address, self._world = address, world

    async def __call__(self, key: str, document: str, **variables: Any) -> dict[str, Any]:
        kind, _, rest = document.partition("{")
        declared = ", ".join(["$w: String!", *("$d: JSON!" for _ in variables)] if "$w" in rest else [])
        text = f"{kind.strip() or 'query'} {f'({declared})' if declared else ''} {{{rest}"
        given = {"w": self._world, **variables} if declared else {}
        transport = HTTPXAsyncTransport(
            f"{self._address}/graphql", headers={"Authorization": f"Bearer {key}"}, timeout=300
        )
        async with Client(transport=transport) as session:
            assert isinstance(session, AsyncClientSession)
            return await session.execute(GraphQLRequest(text, variable_values=given))


async def person(floor: ActingWorld, name: str, role: str) -> str:
    """Somebody of a role; their API key."""
    await add_user(floor.store, floor.id, name, role=role, public_key=None, by=None)
    return (await give_key(floor.store, floor.id, name, by=name)).secret


async def signed(floor: ActingWorld, name: str, message: str) -> str:
    """A signature as its owner makes it."""
    who = active_principal(await floor.store.principals(floor.id), name)
    assert who is not None
    key = read_private_key(private_path(keys_folder(), who))
    return base64.b64encode(key.sign(base64.b64decode(message))).decode()


async def zone(floor: ActingWorld) -> str:
    found = await floor.entity("za", "zone")
    assert found is not None
    return found.id


async def refused(asked: Any) -> str:
    """The code of the error that comes of it."""
    with pytest.raises(TransportQueryError) as error:
        await asked
    [one] = error.value.errors or []
    return str(one["extensions"]["code"])
