"""A small world on disk for tests: its twin.yaml, its sources as files, and syncs of it in a store that is given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from graphtwin.app.adapters import SystemClock
from graphtwin.app.sync import SyncOutcome, sync_in
from graphtwin.model.commit import Head, Quarantined
from graphtwin.model.state import EntityState, State
from graphtwin.ports import Store
from graphtwin.store.memory import MemoryStore
from graphtwin.store.memory.transaction import MemoryRule

PLANT: dict[str, Any] = {
    "world": {"id": "plant"},
    "sources": {
        "readings": {"type": "file", "path": "readings.jsonl", "trust": "hardware_sensor", "kind": "sensor"},
        "book": {"type": "file", "path": "book.csv", "trust": "system_of_record"},
    },
    "types": {
        "sensor": {
            "is_a": "sensor",
            "variables": {
                "reading": {"unit": "Cel", "span": 100},
                "mode": {"datatype": "string", "judged": False},
                "serial": {"datatype": "string", "attribute": True, "judged": False},
            },
        },
    },
    "relations": {"feeds": {"dependency": True}, "located_in": {"functional": True}},
    "constraints": {"min_confidence": 0.5},
}
"""Sensors that a bus reads, and the book in which they stand."""

BOOK = "id,type,serial,ts\nt1,sensor,S-1,2026-01-01T00:00:00Z\n"
FIRST = "2026-01-01T00:00:00Z"


def reading(local: str, value: Any, ts: str | None = FIRST, **more: Any) -> dict[str, Any]:
    """A message of the bus."""
    stamp = {"ts": ts} if ts is not None else {}
    return {"id": local, "type": "sensor", "reading": value, **stamp, **more}


@dataclass
class SmallWorld:
    """One world: `twin.yaml` and its files in `folder`, synced in `store`."""

    folder: Path
    store: Store
    config: dict[str, Any] = field(default_factory=lambda: deepcopy(PLANT))

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.say(reading("t1", 20))
        self.write("book.csv", BOOK)

    @property
    def twin(self) -> Path:
        """Its twin.yaml, as it is configured now."""
        path = self.folder / "twin.yaml"
        path.write_text(yaml.safe_dump(self.config, sort_keys=False), "utf-8")
        return path

    @property
    def id(self) -> str:
        return str(self.config["world"]["id"])

    def write(self, name: str, text: str | bytes) -> Path:
        """A file with exactly this text."""
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def say(self, *messages: Mapping[str, Any], to: str = "readings.jsonl") -> None:
        """Append messages as JSON lines."""
        with (self.folder / to).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(message) + "\n" for message in messages)

    def say_raw(self, text: str | bytes, to: str = "readings.jsonl") -> None:
        """Append exactly this."""
        with (self.folder / to).open("ab") as file:
            file.write(text.encode() if isinstance(text, str) else text)

    async def sync(self, **options: Any) -> SyncOutcome:
        """One sync, as a user asks for it."""
        return await sync_in(self.store, self.twin, **options)

    async def head(self) -> Head:
        return await self.store.head(self.id)

    async def state(self) -> State:
        return await self.store.state(self.id)

    async def entity(self, local: str, kind: str = "sensor") -> EntityState | None:
        found = await self.store.entity(self.id, f"{kind}:local/{local}")
        return found[0] if found else None

    async def value(self, local: str, name: str = "reading") -> Any:
        """The reported value; None where there is none."""
        entity = await self.entity(local)
        held = entity.reported.get(name) if entity else None
        return held.value if held else None

    async def quarantined(self) -> tuple[Quarantined, ...]:
        return await self.store.quarantined(self.id)


def details(outcome: SyncOutcome) -> dict[str, Any]:
    """What a report knows beyond the contract."""
    return json.loads(outcome.full.model_dump_json())["details"]


def memory(rules: Mapping[str, MemoryRule] | None = None) -> MemoryStore:
    """An empty store in memory, on the machine's clock."""
    return MemoryStore(SystemClock(), rules)
