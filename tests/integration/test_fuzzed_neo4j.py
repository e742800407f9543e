"""Documents made from the schema, over a world in the real database: they meet no defect there either."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from e2e.fuzzing import fuzz_documents
from e2e.real_world import real_store
from e2e.served import serving
from e2e.small_world import SmallWorld, reading

from graphtwin.app.people import add_user
from graphtwin.store.server import ServerAddress

pytestmark = [pytest.mark.neo4j, pytest.mark.nightly, pytest.mark.timeout(3600)]


async def test_1_000_documents_meet_no_defect_in_the_real_database(
    tmp_path: Path, neo4j_server: ServerAddress, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    monkeypatch.setattr("getpass.getuser", lambda: "mia")
    async with real_store(neo4j_server) as store:
        plant = SmallWorld(tmp_path / "plant", store)
        plant.say(reading("t2", 21, feeds=["t1"]), reading("t3", 22, feeds=["t2"]))
        await plant.sync()
        await add_user(store, plant.id, "mia", role="admin", public_key=None, by=None)

        async with serving(store) as address:
            told = await asyncio.to_thread(fuzz_documents, address, count=1_000)

    print(json.dumps(told))  # noqa: T201 - the figures of a proof
