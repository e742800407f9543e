"""What a changed twin.yaml makes of what a world knows already."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from graphtwin.app.adapters import SystemClock
from graphtwin.app.configure import ApplyOutcome, apply_in
from graphtwin.app.inspection import verify_audit
from graphtwin.app.sync import sync_in
from graphtwin.errors import Conflict
from graphtwin.methods.audit.audit_entries import facts_digest
from graphtwin.model.commit import RuleRow
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.state import EntityState, State
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
  machine: {variables: {temperature: {unit: Cel}, heat: {datatype: string}}}
"""
PUMP = "entities:\n  - {id: asset:local/pump, type: machine}\n"
NAMED = "entities:\n  - {id: asset:local/pump, type: machine, aliases: ['bms:p1']}\n"
RULE = "rules:\n  - {id: hot, writes: [heat], cypher: MATCH (m) RETURN m.id AS subject}\n"


class Hall:
    """A world in memory whose twin.yaml a person edits."""

    def __init__(self, folder: Path) -> None:
        self.twin = folder / "twin.yaml"
        self.store: MemoryStore = MemoryStore(SystemClock(), rules={"hot": _hot})
        (folder / "bms.csv").write_text("id,temperature\np1,50\n")

    def sync(self, text: str) -> None:
        self.twin.write_text(text)
        _wait(sync_in(self.store, self.twin))

    def apply(self, text: str) -> ApplyOutcome:
        self.twin.write_text(text)
        return _wait(apply_in(self.store, self.twin, dry_run=False))

    @property
    def entities(self) -> dict[str, EntityState]:
        state: State = _wait(self.store.state("hall"))
        return dict(state.entities)


def _hot(state: State, _: int) -> list[RuleRow]:
    return [
        RuleRow("hot", id_, {"heat": "hot"}, (), None, ((id_, "temperature"),))
        for id_, entity in state.entities.items()
        if "temperature" in entity.reported
    ]


def _wait(answer: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(answer)


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    monkeypatch.setenv("GRAPHTWIN_CONFIG", str(tmp_path / "config"))
    return Hall(tmp_path)


def test_a_known_record_becomes_the_declared_entity_that_is_named_for_it(hall: Hall):
    hall.sync(TWIN + PUMP)

    hall.apply(TWIN + NAMED)

    assert list(hall.entities) == ["asset:local/pump"]
    assert hall.entities["asset:local/pump"].reported["temperature"].value == 50


def test_records_that_were_one_thing_part_when_the_model_says_that_they_are_distinct(hall: Hall):
    hall.sync(TWIN + NAMED)

    hall.apply(TWIN + PUMP + "identity: {distinct: [['model:asset:local/pump', 'bms:p1']]}\n")

    assert [entity.records for entity in hall.entities.values()] == [("model:asset:local/pump",), ("bms:p1",)]


def test_what_a_rule_derived_ends_when_the_rule_goes(hall: Hall):
    hall.sync(TWIN + RULE)
    assert hall.entities["machine:local/p1"].reported["heat"].value == "hot"

    hall.apply(TWIN)

    assert "heat" not in hall.entities["machine:local/p1"].reported


def test_an_entity_that_is_declared_again_is_there_again(hall: Hall):
    hall.sync(TWIN + PUMP)
    hall.apply(TWIN)
    assert "asset:local/pump" not in hall.entities

    hall.apply(TWIN + PUMP)

    assert "asset:local/pump" in hall.entities


def test_the_audit_log_holds_the_change_of_configuration_at_once(hall: Hall):
    hall.sync(TWIN)

    hall.apply(TWIN + PUMP)

    assert _wait(verify_audit(hall.store, "hall", log=None, head=None)).verdict == "intact"


def test_a_change_within_a_list_is_told_where_it_is(hall: Hall):
    hall.sync(TWIN + PUMP)

    told = hall.apply(TWIN.replace("{temperature: temperature}", "{temperature: warmth}") + NAMED).changes

    assert 'entities.asset:local/pump.aliases: [] → ["bms:p1"]' in told
    assert any(one.startswith("sources.bms.mapping.1.variables.temperature") for one in told)


def test_what_is_new_is_told_field_by_field_and_what_is_gone_in_a_word(hall: Hall):
    hall.sync(TWIN)
    policy = "constraints: {max_drift_threshold: 0.15, forecast_horizon: 30m}\n"

    new = hall.apply(TWIN + policy).changes
    gone = hall.apply(TWIN).changes

    assert new == ("constraints.max_drift_threshold: nothing → 0.15", 'constraints.forecast_horizon: nothing → "PT30M"')
    assert gone == ("constraints: taken out",)


def test_the_audit_chain_commits_to_every_fact_that_a_version_added(hall: Hall):
    hall.sync(TWIN + RULE)
    hall.apply(TWIN + NAMED)
    held = hall.store._worlds["hall"]  # every fact, which no port needs to tell

    told = {one.run: one.body["facts"] for one in held.audit if "facts" in one.body}

    added = {one.run: [fact for fact in held.facts if fact.seq == one.seq] for one in held.commits if one.facts}
    assert added
    assert told == {
        **{run: facts for run, facts in told.items() if not facts["count"]},
        **{run: {"count": len(facts), "sha256": facts_digest(facts)} for run, facts in added.items()},
    }
    assert {fact.source for facts in added.values() for fact in facts} >= {"bms", "rule", "model"}


def test_of_two_changes_at_once_the_second_is_told_and_writes_nothing(hall: Hall):
    hall.sync(TWIN)
    hall.store = Slow(hall.store)
    other = hall.twin.with_name("other.yaml")
    hall.twin.write_text(TWIN + NAMED)
    other.write_text(TWIN + PUMP.replace("pump", "fan"))

    async def both() -> list[Any]:
        changes = (apply_in(hall.store, twin, dry_run=False) for twin in (hall.twin, other))
        return await asyncio.gather(*changes, return_exceptions=True)

    first, second = _wait(both())

    assert isinstance(first, ApplyOutcome)
    assert isinstance(second, Conflict)
    assert set(hall.entities) == {"asset:local/pump"}


class Slow(MemoryStore):
    """A store that takes a moment to answer what the configuration is."""

    def __init__(self, real: MemoryStore) -> None:
        super().__init__(SystemClock(), rules={"hot": _hot})
        self._worlds = real._worlds

    async def configuration(self, world: str, seq: int | None = None) -> TwinConfig:
        answer = await super().configuration(world, seq)
        await asyncio.sleep(0.01)
        return answer
