"""An audit log that can't be written: nothing changes before it can, and what was recorded meanwhile isn't lost."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from e2e.small_world import SmallWorld, details, reading

from graphtwin.errors import AuditUnwritable

LATER = "2026-01-01T00:01:00Z"


@contextmanager
def no_space(size: int) -> Iterator[None]:
    """Files can't grow over `size`: what a full disk says, on a machine where everything else must go on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_full_disk_stops_the_sync_before_anything_is_read_or_written(plant: SmallWorld):
    await plant.sync()
    before = await plant.head()
    plant.say(reading("t1", 25, LATER))

    with no_space(64 * 1024), pytest.raises(AuditUnwritable) as refused:
        await plant.sync()

    assert refused.value.exit_code == 8
    assert "Free some space" in refused.value.hint
    assert await plant.head() == before
    assert (await plant.sync()).exit_code == 0
    assert await plant.value("t1") == 25


async def test_a_place_that_can_not_be_written_stops_the_sync_before_there_is_a_world(plant: SmallWorld):
    plant.write("audit", "a file where the folder should be")

    with pytest.raises(AuditUnwritable, match=r"plant\.jsonl"):
        await plant.sync()

    assert await plant.store.worlds() == ()


async def test_a_log_that_fails_during_a_sync_fails_the_run_and_the_next_sync_exports_what_is_missing(
    plant: SmallWorld,
):
    await plant.sync()
    plant.config["sources"]["vandal"] = {
        "type": "command", "command": ["sh", "-c", "test -e armed && mv audit kept && touch audit; rm -f armed"],
    }  # fmt: skip
    plant = SmallWorld(plant.folder.parent / "second", plant.store, {**plant.config, "world": {"id": "second"}})
    await plant.sync()
    plant.write("armed", "")
    plant.say(reading("t1", 25, LATER))

    failed = await plant.sync()

    assert (failed.report.status.value, failed.exit_code) == ("failed", 1)
    assert "can't be written" in details(failed)["stopped"]
    assert await plant.value("t1") == 25  # what was committed stands; its record waits in the database
    (plant.folder / "audit").unlink()
    (plant.folder / "kept").rename(plant.folder / "audit")
    mended = await plant.sync()
    lines = (plant.folder / "audit" / "second.jsonl").read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    assert mended.exit_code == 0
    assert failed.run_id in {one.get("run") for one in told}
    assert [one["n"] for one in told if "n" in one] == list(range(1, (await plant.head()).audit_n + 1))
