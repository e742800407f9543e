"""Whatever is sent to the API, by the schema or against it: it answers, and never with an error of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.fuzzing import fuzz_documents, fuzz_routes
from e2e.served import served
from e2e.small_world import SmallWorld, memory, reading

from graphtwin.app.people import add_user


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server over a small world, in which the owner of this machine is an admin."""
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    monkeypatch.setattr("getpass.getuser", lambda: "mia")
    plant = SmallWorld(tmp_path / "plant", memory())
    plant.say(reading("t2", 21, feeds=["t1"]), reading("t3", 22, feeds=["t2"]))

    async def made() -> None:
        await plant.sync()
        await add_user(plant.store, plant.id, "mia", role="admin", public_key=None, by=None)

    asyncio.run(made())
    with served(plant.store) as found:
        yield found


def test_documents_made_from_the_schema_meet_no_defect(address: str):
    print(json.dumps(fuzz_documents(address, count=80)))  # noqa: T201 - the figures of a proof


def test_requests_beside_the_schema_meet_no_defect(address: str):
    print(json.dumps(fuzz_routes(address, count=120)))  # noqa: T201 - the figures of a proof


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_10_000_requests_meet_no_defect(address: str):
    print(json.dumps(fuzz_documents(address, count=8_000)))  # noqa: T201 - the figures of a proof
    print(json.dumps(fuzz_routes(address, count=2_000)))  # noqa: T201 - the figures of a proof
