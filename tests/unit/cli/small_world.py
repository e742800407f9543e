"""A small world in memory, and the doors that a command line finds it behind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from graphtwin import app
from graphtwin.model.commit import AuditEntry, Commit, Draft, EvidenceItem, Quarantined, RunRecord
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import BEGIN, TYPE, Fact, claim
from graphtwin.model.state import At
from graphtwin.ports import Store
from graphtwin.store.memory import MemoryStore

NOON = 1_768_478_400_000_000  # 2026-01-15T12:00:00Z
MINUTE = 60_000_000
STANDARD = Path(__file__).resolve().parents[2] / "golden" / "standard"

CONFIG = TwinConfig.model_validate(
    {
        "world": {"id": "plant", "title": "the pump hall"},
        "sources": {
            "bms": {"type": "file", "path": "bms.jsonl", "trust": "hardware_sensor"},
            "notes": {"type": "file", "path": "notes.csv", "trust": "human_note"},
        },
        "types": {"pump": {"variables": {"speed": {"unit": "r/min"}}}, "tank": {}},
        "relations": {"feeds": {}},
        "rules": [
            {
                "id": "watch",
                "cypher": "MATCH (p:Pump) RETURN p.id AS subject",
                "description": "a pump that runs gets tired",
            }
        ],
    }
)
FINDING = {
    "id": "f-1", "kind": "value", "name": "drift:pump.speed", "entity": "bms:acme/pump-1.a", "variable": "speed",
    "reported": 1500, "reference": 1400, "reference_kind": "history", "magnitude": 0.4, "severity": "high",
    "exceeds": True, "message": "pump-1.a runs too fast [red]", "anchors": [], "evidence": [], "disputed": False,
    "since": "2026-01-15T12:01:00Z",
}  # fmt: skip


@dataclass
class Clock:
    """Goes on by a second each time it is read."""

    at: int = NOON

    def now(self) -> int:
        self.at += 1_000_000
        return self.at


@dataclass
class MemoryDoors:
    """The doors with a store in memory behind them; `outcome` is what a sync or a demo answers, or raises."""

    store: MemoryStore
    home: Path
    outcome: Any = None
    measured: float = 0.3
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def start(self, twin: Path | None = None) -> None:
        """A store in memory is always there."""

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Store]:
        yield self.store

    async def sync(self, twin: Path, *, mode: str, prior: str | None, state: str, on_step: Any) -> app.SyncOutcome:
        self.calls.append((twin.name, mode, prior, state))
        on_step("receive", "start")
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def begin(self, world: str, places: Sequence[str], folder: Path, *, private: bool) -> app.Begun:
        return await app.begin(world, places, folder, private=private)

    async def watch(self, twin: Path, *, every: int, stop: Any, heard: Callable[[Any], None], on_step: Any) -> None:
        await app.watch(self.store, twin, every=every, stop=stop, heard=heard, on_step=on_step)

    async def apply(self, twin: Path, *, dry_run: bool) -> app.ApplyOutcome:
        self.calls.append((twin.name,))
        made = None if dry_run else Commit("plant", 3, "k", "r", NOON, NOON, "sha256:0", "sha256:1", "", "sha256:2", 0)
        return app.ApplyOutcome("plant", ("schedule.interval: 5m → 1m",), made, needs_apply=dry_run)

    async def demo(self, of: str, *, folder: Path | None, on_step: Any, say: Callable[[str], None], serve: Any) -> Any:
        self.calls.append((of, folder, serve is not None))
        on_step("receive", "start")
        say("Three small services start")
        return self.outcome

    async def test_source(self, twin: Path, source: str | None) -> tuple[app.SourceTest, ...]:
        return await app.test_source(twin, source)

    async def read_at(
        self, store: Store, world: str, *, at: str | None, known_at: str | None, version: str | None
    ) -> At:
        return await app.read_at(store, world, at=at, known_at=known_at, version=version)

    async def verify_audit(self, store: Store, world: str, *, log: Path | None, head: Path | None) -> Any:
        return await app.verify_audit(store, world, log=log, head=head)

    async def bench(self, name: str, *, here: bool) -> Mapping[str, Any]:  # noqa: ARG002 - the port names it
        figure = {"value": self.measured, "unit": "", "floor": 0.12, "goal": 0.25, "better": "higher", "reference": ""}
        return {"name": name, "machine": "2 cores", "versions": {}, "figures": {"commit_per_raw": figure}}


@dataclass
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def reading(record: str, name: str, value: Any, at: int, *, source: str, unit: str = "", target: str = "") -> Fact:
    event = f"{source}-{at}-{record}"
    return claim(record=record, name=name, value=value, valid_from=at, event=event, source=source, unit=unit, object=target,
                 evidence="in")  # fmt: skip


async def commit(store: MemoryStore, key: str, draft: Draft) -> None:
    lease = await store.acquire("plant", key, ttl=MINUTE)
    async with store.begin(lease) as transaction:
        await transaction.write(draft)
        await transaction.record([AuditEntry("sync", draft.now, key, {"facts": len(draft.facts)})])
        await transaction.commit(key, key)
    await store.release(lease)


async def small_world() -> MemoryStore:
    """v1: pump-1.a at 1400 feeds tank-1; v2: at 1500, against a note that says 900."""
    store = MemoryStore(Clock(), rules={"watch": lambda _state, _now: []})
    await store.create_world(CONFIG, NOON)
    pump, tank = "bms:acme/pump-1.a", "bms:acme/tank-1"
    exists = [
        claim(record=one, name=TYPE, value=kind, valid_from=BEGIN, event=f"model-{one}", source="bms")
        for one, kind in ((pump, "pump"), (tank, "tank"), ("notes:p", "pump"))
    ]
    same = claim(record="notes:p", name="@entity", value=pump, valid_from=BEGIN, event="model-same", source="notes")
    first = reading(pump, "speed", 1400, NOON, source="bms", unit="r/min")
    feeds = reading(pump, "feeds", True, NOON, source="bms", target=tank)
    await commit(store, "sync-1", Draft(NOON, (*exists, same, first, feeds)))
    second = reading(pump, "speed", 1500, NOON + MINUTE, source="bms", unit="r/min")
    note = reading("notes:p", "speed", 900, NOON + MINUTE, source="notes", unit="r/min")
    raw = EvidenceItem(second.event, b'{"speed": 1500}', "bms", "bms.jsonl:2", NOON + MINUTE)
    refused = Quarantined("q1", "notes", "notes.csv:9", "not a number", "write 12.5", b"a;b", 3, "ab", NOON, "sync-2")
    await commit(store, "sync-2", Draft(NOON + MINUTE, (second, note), evidence=(raw,), quarantined=(refused,)))
    await store.save_run(judged_run())
    return store


def golden_report() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((STANDARD / "sync_report.yaml").read_text(encoding="utf-8"))
    return document


def details() -> dict[str, Any]:
    forecast = {
        "entity": "bms:acme/pump-1.a", "variable": "speed", "probability": 0.25, "horizon": "1h", "lower": None,
        "upper": 1600.0, "method": "trend", "reason": "",
    }  # fmt: skip
    return {
        "stopped": "",
        "findings": [FINDING],
        "not_judged": [],
        "risk_by_entity": {"current": {"bms:acme/pump-1.a": 0.35}, "forecasted": {"bms:acme/pump-1.a": 0.45}},
        "forecasts": [forecast],
        "sources": {
            "bms": {"answered": True, "messages": 12, "quarantined": 1, "problem": "", "roster": ""},
            "notes": {"answered": False, "messages": 0, "quarantined": 0, "problem": "no such file", "roster": ""},
        },
        "changes": ["pump-1.a speed: 1400 → 1500"],
        "plan": {
            "steps": [{"kind": "action", "title": "Slow the pump", "entity": "pump-1", "command": "slow --pump 1"}]
        },
        "not_acted_because": "nothing to act with",
    }


def judged_run() -> RunRecord:
    report = {name: part for name, part in golden_report().items() if name != "twin_snapshot"}
    return RunRecord(
        "sync-2", "plant", "digital-twin-sync-loop", NOON, NOON + MINUTE, "drift_detected", "summarize", report,
        {"report": details()},
    )  # fmt: skip
