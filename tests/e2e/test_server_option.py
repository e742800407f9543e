"""`graphtwin --server URL`: the same commands, answered by a server, say what they say beside the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from e2e.acting_world import DEVICES, ActingWorld
from e2e.served import KEY, served
from e2e.small_world import memory, reading
from fakes.building_actuator import BuildingActuator, building

from graphtwin.app import read_at
from graphtwin.app.api_keys import give_key
from graphtwin.app.identity import merge_entities
from graphtwin.app.identity_undo import undo_identity
from graphtwin.app.people import add_user
from graphtwin.app.person import Given
from graphtwin.cli import run
from graphtwin.errors import UsageError
from graphtwin.methods.audit.decisions import IDENTITY
from graphtwin.ports import Store


@dataclass(frozen=True)
class Said:
    """What a command printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class OneStore:
    """Doors to a store in memory."""

    store: Store
    home: Path

    def start(self, twin: Path | None = None) -> None:
        """It is there."""

    def connect(self) -> Any:
        return _Opened(self.store)

    async def read_at(self, store: Store, world: str, *, at: str | None, known_at: str | None, version: str | None):
        return await read_at(store, world, at=at, known_at=known_at, version=version)


@dataclass(frozen=True)
class _Opened:
    store: Store

    async def __aenter__(self) -> Store:
        return self.store

    async def __aexit__(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
def bms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuildingActuator]:
    with building(tmp_path_factory.mktemp("bms"), DEVICES) as one:
        yield one


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory, bms: BuildingActuator) -> Iterator[ActingWorld]:
    """A floor with an approver, a waiting plan, and a message that couldn't be read."""
    with pytest.MonkeyPatch.context() as patch:
        floor = ActingWorld(tmp_path_factory.mktemp("floor"), memory(), bms, pre_approved=[])
        patch.setenv("GRAPHTWIN_CONFIG", str(floor.folder / "config"))
        patch.setattr("getpass.getuser", lambda: "ann")
        floor.config["sources"]["extra"] = {"type": "file", "path": "extra.jsonl", "trust": "primary_api"}
        floor.say(reading("zc", 20), to="extra.jsonl")
        floor.say_raw("{broken\n", to="extra.jsonl")

        async def made() -> None:
            await floor.sync()
            await floor.person("ann")
            await give_key(floor.store, floor.id, "ann", by="ann")
            floor.say({"id": "zc", "type": "zone", "fan": 5, "ts": "2026-01-01T05:00:00Z"}, to="extra.jsonl")
            await floor.sync()
            pair = "zone:local/zb", "zone:local/zc"
            await merge_entities(floor.store, floor.id, pair, Given("ann", None, "one room"))
            await undo_identity(
                floor.store, floor.id, str((await floor.store.audit_of(floor.id, [IDENTITY]))[-1].n), Given("ann")
            )

        asyncio.run(made())
        yield floor


@pytest.fixture(scope="module")
def address(floor: ActingWorld) -> Iterator[str]:
    with served(floor.store) as found:
        yield found


@pytest.fixture
def typed(
    floor: ActingWorld,
    address: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Said]:
    """Types a command line, to the server unless told otherwise."""
    monkeypatch.setenv("GRAPHTWIN_API_KEY", KEY)
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(floor.folder / "config"))

    def type_(*words: str, server: str | None = address) -> Said:
        where = ["--server", server] if server else []
        code = run([*where, *words], OneStore(floor.store, tmp_path))  # type: ignore[arg-type]
        return Said(code, *capsys.readouterr())

    return type_


@pytest.mark.parametrize(
    "words",
    [
        ("world", "list"),
        ("diff", "floor", "v1", "v2"),
        ("plan", "list", "floor", "--all"),
        ("run", "list", "floor"),
        ("audit", "show", "floor"),
        ("source", "quarantine", "floor"),
        ("user", "list", "floor"),
        ("user", "keys", "floor"),
        ("identity", "list", "floor"),
        ("drift", "floor"),
        ("risk", "floor"),
        ("why", "floor", "za.setpoint"),
        ("history", "floor", "za.setpoint"),
    ],
    ids=" ".join,
)
def test_a_reading_command_says_what_it_says_beside_the_database(typed: Callable[..., Said], words: tuple[str, ...]):
    here = typed(*words, "-o", "json", server=None)
    there = typed(*words, "-o", "json")
    shown = typed(*words)

    assert (here.code, there.code, shown.code) == (0, 0, 0), here.err + there.err + shown.err
    assert there.json == here.json
    assert there.json
    assert shown.out == typed(*words, server=None).out


def test_a_plan_a_run_and_a_snapshot_are_shown_as_beside_the_database(address: str, typed: Callable[..., Said]):
    [plan] = typed("plan", "list", "floor", "-o", "json").json
    one = typed("run", "list", "floor", "-o", "json").json[0]

    for words in (("plan", "show", "floor", plan["plan"]), ("run", "show", "floor", one["run"]), ("snapshot", "floor")):
        here, there = typed(*words, server=None), typed(*words)
        assert there.code == 0, there.err
        assert there.out.splitlines(), words
        assert set(there.out.splitlines()) <= set(here.out.splitlines()), words  # a report lies where the database is
    shown = [typed("plan", "show", "floor", plan["plan"], "-o", "json", server=one).json for one in (None, address)]
    assert shown[0] == shown[1]


def test_a_plan_is_approved_and_carried_out_by_a_server_signed_here(
    floor: ActingWorld, bms: BuildingActuator, typed: Callable[..., Said]
):
    [plan] = typed("plan", "list", "floor", "-o", "json").json

    approved = typed("plan", "approve", "floor", plan["plan"])
    acted = typed("act", "floor", plan["plan"], "-o", "json")
    refused = typed("rollback", "floor")
    taken = typed("rollback", "floor", "--yes")

    assert approved.code == 0, approved.err
    assert "is approved by ann" in approved.out
    assert (acted.code, acted.json["status"]) == (0, "action_taken"), acted.err
    assert refused.code == 2
    assert taken.code == 0, taken.err
    assert [one.body for one in bms.effects()] == [{"setpoint": 22.0}, {"setpoint": 25.0}]


def test_values_and_identity_are_decided_by_a_server(floor: ActingWorld, typed: Callable[..., Said]):
    ground = ("--evidence", "https://desk.example/7", "-o", "json")

    tried = typed("claim", "override", "floor", "zb.fan", "30", "--dry-run", *ground)
    overridden = typed("claim", "override", "floor", "zb.fan", "30", *ground)
    withdrawn = typed("claim", "withdraw", "floor", "zb.fan", "-o", "json")
    file = typed("claim", "correct", "floor", "zc.fan", "7", "--evidence", str(floor.twin))
    corrected = typed("claim", "correct", "floor", "zc.fan", "7", *ground)
    merged = typed("identity", "merge", "floor", "zb", "zc", "-o", "json")
    split = typed("identity", "split", "floor", "zb", "--records", "extra:zc", "-o", "json")
    undone = typed("identity", "undo", "floor", str(split.json["decision"]), "-o", "json")

    assert [one.err for one in (tried, overridden, withdrawn, corrected, merged, split)] == [""] * 6
    assert (tried.json["version"], tried.json["dry_run"], tried.json["value"]) == (None, True, 30)
    assert (overridden.json["principal"], overridden.json["value"]) == ("ann", 30), overridden.err
    assert 30 in [one["after"] for one in overridden.json["changes"] if one["what"] == "value"]
    assert withdrawn.code == 0, withdrawn.err
    assert (file.code, corrected.code) == (2, 0), corrected.err
    assert [one.code for one in (merged, split, undone)] == [0, 0, 0], merged.err + split.err + undone.err
    assert merged.json["version"]
    assert undone.json["undoes"] == split.json["decision"]


def test_a_world_is_synced_frozen_freed_and_brought_back_by_a_server(floor: ActingWorld, typed: Callable[..., Said]):
    synced = typed("sync", str(floor.twin), "-o", "json")
    frozen = typed("freeze", "floor", "--reason", "storm", "-o", "json")
    twice = typed("unfreeze", "floor"), typed("unfreeze", "floor")
    looked = typed("rollback", "floor", "--to", "v1")
    back = typed("rollback", "floor", "--to", "v1", "--yes", "-o", "json")
    by_name = typed("sync", "floor")

    assert synced.json["world"] == "floor", synced.err
    assert frozen.json == {"world": "floor", "frozen_by": "ann", "reason": "storm"}
    assert [one.code for one in twice] == [0, 4]
    assert (looked.code, back.code) == (2, 0), back.err
    assert back.json["restore_point"] == "v1"
    assert by_name.code in {0, 5}, by_name.err
    assert "floor v" in by_name.out


def test_a_plan_that_isn_t_there_and_a_role_that_is_missing_end_as_beside_the_database(
    floor: ActingWorld, typed: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
):
    async def viewer() -> str:
        await add_user(floor.store, "floor", "vera", role="viewer", public_key=None, by=None)
        return (await give_key(floor.store, "floor", "vera", by="vera")).secret

    missing = typed("plan", "reject", "floor", "plan-none")
    monkeypatch.setenv("GRAPHTWIN_API_KEY", asyncio.run(viewer()))
    forbidden = typed("freeze", "floor")
    seen = typed("world", "list", "-o", "json")
    monkeypatch.setenv("GRAPHTWIN_API_KEY", "gtk_" + "x" * 43)
    unknown = typed("world", "list")

    assert (missing.code, forbidden.code, unknown.code) == (3, 5, 5)
    assert "this needs operator" in forbidden.err
    assert [one["world"] for one in seen.json] == ["floor"]
    assert "doesn't know the API key" in unknown.err


@pytest.mark.parametrize(
    "words",
    [
        ("db", "status"),
        ("verify", "floor"),
        ("export", "floor", "--format", "ttl"),
        ("claim", "withdraw", "floor", "za.setpoint", "--as", "ann"),
        ("world", "show", "floor"),
        ("user", "add", "floor", "bob", "--role", "viewer"),
        ("audit", "verify", "floor"),
        ("source", "test", "twin.yaml"),
        ("run", "resume", "floor", "x"),
        ("snapshot", "floor", "-o", "json"),
        ("plan", "approve", "floor", "x", "--as", "ann"),
    ],
    ids=" ".join,
)
def test_what_a_server_can_t_do_is_refused_and_not_done_here(typed: Callable[..., Said], words: tuple[str, ...]):
    said = typed(*words)

    assert said.code == 2
    assert "server" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "server", ["http://example.com", "ftp://127.0.0.1", "http://u:p@127.0.0.1", "http://127.0.0.1:1?x=1", "http://"]
)
def test_a_key_isn_t_sent_to_an_address_where_others_could_read_it(typed: Callable[..., Said], server: str):
    said = typed("world", "list", server=server)

    assert said.code == UsageError.exit_code
    assert KEY not in said.err


def test_a_server_that_doesn_t_answer_is_told(typed: Callable[..., Said]):
    said = typed("world", "list", server="http://127.0.0.1:9")

    assert said.code == 8
    assert "graphtwin serve" in said.err
