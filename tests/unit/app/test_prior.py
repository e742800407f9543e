"""The version that a sync is told to compare with (S24)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from graphtwin.app.adapters import SystemClock
from graphtwin.app.sync import SyncOutcome, sync_in
from graphtwin.errors import NotFound, PriorRefused
from graphtwin.methods.views.view_text import json_text, yaml_text
from graphtwin.store.memory import MemoryStore

TWIN = """\
world: {id: hall}
sources:
  bms:
    type: file
    path: bms.csv
    trust: system_of_record
    mapping: {type: machine, id: id, variables: {temperature: temperature}}
types:
  machine: {variables: {temperature: {unit: Cel}}}
"""


class Hall:
    """A world in memory with one machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = MemoryStore(SystemClock())
        (folder / "twin.yaml").write_text(TWIN)

    def reads(self, temperature: float) -> None:
        (self.folder / "bms.csv").write_text(f"id,temperature\np1,{temperature}\n")

    def sync(self, **asked: Any) -> SyncOutcome:
        return asyncio.run(sync_in(self.store, self.folder / "twin.yaml", **asked))


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    return Hall(tmp_path)


@pytest.mark.parametrize("prior", ["v1", "no-such-file.json"])
def test_a_first_sync_has_nothing_to_compare_with_and_begins_no_world(hall: Hall, prior: str):
    hall.reads(50)

    with pytest.raises(PriorRefused, match="no version yet"):
        hall.sync(prior=prior)

    with pytest.raises(NotFound):
        asyncio.run(hall.store.head("hall"))


@pytest.mark.parametrize("write", [json_text, yaml_text])
def test_a_printed_report_serves_as_a_prior_in_either_form(hall: Hall, write: Any):
    hall.reads(50)
    before = hall.sync(state="full").report
    prior = hall.folder / "prior"
    prior.write_text(write(before.model_dump(mode="json")))
    hall.reads(70)
    hall.sync()

    delta = hall.sync(mode="delta_only", prior=str(prior)).report.twin_snapshot.state

    assert delta.base == before.twin_snapshot.version
    assert [one.value.value for one in delta.state_variables] == [70]


def test_a_first_report_names_the_empty_world_as_its_parent_as_its_version_id_does(hall: Hall):
    hall.reads(50)

    meta = hall.sync(state="full").report.twin_snapshot.state.meta

    empty = asyncio.run(hall.store.commits("hall", after=-1, limit=1))[0]
    assert meta.parent_version_id == empty.version_id
    assert meta.lineage == (empty.version_id,)
