"""A third floor to whom much happened on one morning, the same to the microsecond each time: what analysts' queries are shown on.

Three sources speak of it, one falls silent; somebody turns a knob, a plan puts it right, another is taken back; persons merge,
override and approve.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from contracts.scene import MINUTE, TTL, belongs, born, depends, located, roster, say

from graphtwin.app.query import analyst_queries, run_query
from graphtwin.methods.audit.audit_entries import rollback_entry
from graphtwin.methods.audit.decisions import APPROVAL, IDENTITY, OVERRIDE
from graphtwin.methods.audit.principals import added_entry
from graphtwin.methods.state.person_claims import overriding
from graphtwin.model.acting import ActRecord, Kept, PlanRecord, SignedApproval
from graphtwin.model.commit import AuditEntry, Draft, EventRecord, EvidenceItem, Lease, Quarantined, RunRecord
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import Fact, decision
from graphtwin.model.instants import parse_instant
from graphtwin.model.plan import Plan, PlanStep, Request, plan_id
from graphtwin.model.principal import Principal, Role
from graphtwin.ports import Answered, Store
from graphtwin.store.memory import MemoryStore
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

WORLD = "third-floor"
EIGHT = parse_instant("2026-03-02T08:00:00Z")
CONFIG = TwinConfig.model_validate(
    {
        "world": {"id": WORLD},
        "sources": {
            "bus": {"type": "file", "path": "bus.jsonl", "trust": "hardware_sensor", "cadence": "5m"},
            "bms": {"type": "file", "path": "bms.jsonl", "trust": "primary_api", "cadence": "1h"},
            "book": {"type": "file", "path": "book.csv", "trust": "system_of_record", "roster": True},
            "notes": {"type": "file", "path": "notes.csv", "trust": "human_note"},
        },
        "types": {
            "hvac_unit": {
                "is_a": "asset",
                "variables": {"setpoint": {"unit": "Cel", "span": 10}, "mode": {"datatype": "string"}},
            },
            "sensor": {
                "is_a": "sensor",
                "variables": {
                    "temperature": {"unit": "Cel", "span": 10},
                    "serial": {"datatype": "string", "attribute": True, "authority": ["book", "bus"]},
                },
            },
            "zone": {"is_a": "location", "variables": {"area": {"unit": "m2", "attribute": True}}},
        },
        "relations": {
            "located_in": {"functional": True},
            "depends_on": {"dependency": True, "attributes": {"share": {}}},
        },
    }
)
UNITS = {f"bms:{name}": f"hvac_unit:local/{name}" for name in ("chiller", "hvac-1", "hvac-2")}
ZONES = {f"book:{name}": f"zone:local/{name}" for name in ("north", "south", "plant-room")}
SENSORS = {"bus:t-1": "sensor:local/t-1", "bus:t-2": "sensor:local/t-2", "book:T1": "sensor:local/T1"}


@dataclass(frozen=True)
class Floor:
    """The floor in the database, and in memory: all its facts, and the valid time of each version."""

    store: Store
    config: TwinConfig
    facts: Sequence[Fact]
    valid: Mapping[int, int]

    async def answer(self, name: str, **params: Any) -> Answered:
        """What one of the analyst's queries answers."""
        return await run_query(self.store, analyst_queries()[name].text, {"world": WORLD, **params}, 10_000)

    async def ask(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """The same, row by row."""
        answered = await self.answer(name, **params)
        return [dict(zip(answered.columns, row, strict=True)) for row in answered.rows]


@asynccontextmanager
async def floor(server: ServerAddress) -> AsyncIterator[Floor]:
    """The floor after its morning."""
    remembered, hands = Hands(), Hands()
    memory = MemoryStore(remembered)
    store = Neo4jStore(server.uri, auth=server.auth, clock=hands)
    await store.open()
    await live(memory, remembered)
    await live(store, hands)
    held = memory._worlds[WORLD]
    yield Floor(store, CONFIG, held.facts, {one.seq: one.valid for one in held.commits})
    await store.close()


class Hands:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.at = EIGHT

    def now(self) -> int:
        return self.at


@dataclass
class Morning:
    """The floor's writer; `minute` says how many minutes after eight o'clock something happens."""

    store: Store
    hands: Hands
    lease: Lease

    async def happens(
        self, minute: int, *facts: Any, run: str = "", entries: tuple[AuditEntry, ...] = (), **more: Any
    ) -> None:
        """One commit at this minute, with what is recorded and kept of it."""
        self.hands.at = now = at(minute)
        kept = more.pop("kept", None)
        name = run or f"sync-{minute}"
        status = more.pop("status", "synced")
        workflow = "digital-twin-sync-loop" if name.startswith("sync") else ""
        kept_run = RunRecord(name, WORLD, workflow, now, now + 2_000_000, status, "summarize", {"status": status}, {})
        async with self.store.begin(self.lease) as transaction:
            await transaction.write(Draft(now=now, facts=tuple(one._replace(run=name) for one in facts), **more))
            await transaction.record(entries, kept_run if workflow else None)
            if kept is not None:
                await transaction.keep(kept)
            await transaction.commit(name, name)


async def live(store: Store, hands: Hands) -> None:
    """The whole morning, unless the store has seen it."""
    if WORLD in {head.world for head in await store.worlds()}:
        return
    hands.at = EIGHT
    await store.create_world(CONFIG, EIGHT)
    morning = Morning(store, hands, await store.acquire(WORLD, "test", ttl=24 * TTL))
    for part in (_begins, _turns, _contradicts, _decides, _plans, _takes_back, _falls_silent):
        await part(morning)


def at(minute: int) -> int:
    return EIGHT + minute * MINUTE


async def _begins(morning: Morning) -> None:
    """08:00, v1: what there is, and what is wanted."""
    people = [
        added_entry(Principal(WORLD, name, Role(role), hashlib.sha256(name.encode()).digest(), at(0)), by="graphtwin", run="user-0")
        for name, role in (("ann", "approver"), ("bob", "approver"))
    ]  # fmt: skip
    kinds = {**dict.fromkeys(UNITS, "hvac_unit"), **dict.fromkeys(SENSORS, "sensor"), **dict.fromkeys(ZONES, "zone")}
    await morning.happens(
        0,
        *(born(record, kind) for record, kind in kinds.items()),
        *(belongs(one, entity, event="founded") for one, entity in {**UNITS, **SENSORS, **ZONES}.items()),
        *(say(f"bms:hvac-{n}", "setpoint", 22.0, at(0), unit="Cel") for n in (1, 2)),
        *(say(f"bms:hvac-{n}", "setpoint", 22.0, at(0), unit="Cel", layer="desired", source="model") for n in (1, 2)),
        say("bms:chiller", "mode", "on", at(0)), say("bms:chiller", "mode", "on", at(0), layer="expected", source="model"),
        say("bus:t-1", "temperature", 21.4, at(0), unit="Cel"), say("bus:t-2", "temperature", 22.1, at(0), unit="Cel"),
        say("bus:t-1", "serial", "S-1OO", at(0)), say("book:T1", "serial", "S-100", at(0)),
        say("book:north", "area", 40, at(0), unit="m2"), say("book:south", "area", 55, at(0), unit="m2"),
        located("bms:chiller", "book:plant-room", at(0)), located("bms:hvac-1", "book:plant-room", at(0)),
        located("bms:hvac-2", "book:south", at(0)), located("bus:t-1", "book:north", at(0)),
        located("bus:t-2", "book:south", at(0)),
        depends("bms:hvac-1", "bms:chiller", at=at(0)), depends("bms:hvac-2", "bms:chiller", at=at(0)),
        depends("book:north", "bms:hvac-1", at=at(0)), say("book:north", "depends_on.share", 0.8, at(0), object="bms:hvac-1"),
        depends("book:south", "bms:hvac-2", at=at(0)),
        roster("book", ["T1", "north", "plant-room", "south"], at(0)),
        entries=tuple(people),
    )  # fmt: skip


async def _turns(morning: Morning) -> None:
    """08:10, v2: somebody turns a knob; two messages can't be taken."""
    raw, event = b'{"id": "hvac-1", "setpoint": 26.0}', "3f2a" * 8
    refused = [
        Quarantined(f"q-{n}", "bus", f"bus.jsonl:{n}", "it isn't JSON", "write one JSON object a line", text, len(text),
                    hashlib.sha256(text).hexdigest(), at(10) + n, "sync-10")
        for n, text in ((17, b"{broken"), (21, b"nothing"))
    ]  # fmt: skip
    await morning.happens(
        10,
        say("bms:hvac-1", "setpoint", 26.0, at(9), unit="Cel", event=event),
        say("bus:t-1", "temperature", 23.0, at(10), unit="Cel"), say("bus:t-2", "temperature", 22.0, at(10), unit="Cel"),
        status="drift_detected", quarantined=tuple(refused),
        events=(EventRecord(event, "bms", at(9), "reading", "bms.jsonl:4", "bms:hvac-1", {"setpoint": 26.0}),),
        evidence=(EvidenceItem(event, raw, "bms", "bms.jsonl:4", at(10)),),
    )  # fmt: skip


async def _contradicts(morning: Morning) -> None:
    """08:20, v3: a note says otherwise, and a reading comes late."""
    await morning.happens(
        20,
        born("notes:hvac-1", "hvac_unit"), belongs("notes:hvac-1", "hvac_unit:local/hvac-1", event="alias"),
        say("notes:hvac-1", "setpoint", 24.0, at(18), unit="Cel"),
        say("bus:t-1", "temperature", 22.2, at(5), unit="Cel"),
        status="drift_detected",
    )  # fmt: skip


async def _decides(morning: Morning) -> None:
    """08:30 and 08:40, v4 and v5: ann says that two records are one sensor, and holds a value against a broken one."""
    said = {
        "principal": "ann",
        "action": "merge",
        "entities": ["sensor:local/t-1", "sensor:local/T1"],
        "reason": "one label",
    }
    await morning.happens(
        30, belongs("book:T1", "sensor:local/t-1", event="merge-1"), run="identity-1",
        entries=(AuditEntry(IDENTITY, at(30), "identity-1", said),),
    )  # fmt: skip
    facts = overriding(
        "sensor:local/t-2", "sensor", "temperature", 21.0, "Cel",
        said=(), since=at(40), until=at(24 * 60), event="override-1", run="claim-1",
    )  # fmt: skip
    said = {"principal": "ann", "entity": "sensor:local/t-2", "name": "temperature", "reason": 'it "stands" in the sun'}
    await morning.happens(
        40, *facts, run="claim-1", entries=(AuditEntry(OVERRIDE, at(40), "claim-1", {**said, "evidence": None}),)
    )


async def _plans(morning: Morning) -> None:
    """08:50 and 09:00, v6 and v7: bob approves, the setpoint is put back and seen to be so."""
    record = _plan("hvac-1", 26.0, 50, status="executed", reason="verified", restore_point="v5", needs_approval=True)
    document = {"plan": record.id, "plan_hash": record.plan.digest, "nonce": "6e6f"}
    approval = SignedApproval(record.id, "bob", document, "c2lnbmVk", at(50))
    said = {"principal": "bob", "plan": record.id, "approval": document, "approval_signature": "c2lnbmVk"}
    await morning.happens(
        50,
        decision(record="plan:hvac_unit:local/hvac-1", name="@type", value="hvac_unit", valid_from=at(50), event="intent-1"),
        belongs("plan:hvac_unit:local/hvac-1", "hvac_unit:local/hvac-1", event="intent-1"),
        decision(record="plan:hvac_unit:local/hvac-1", name="setpoint", value=22.0, unit="Cel", layer="desired",
                 valid_from=at(50), event="intent-1", source="plan", kind="constraint"),
        run="sync-50", status="action_taken", entries=(AuditEntry(APPROVAL, at(50), "approve-1", said),),
        kept=Kept(plans=(record,), approvals=(approval,), acts=(_act(record, "sync-50", 50, "done"),)),
    )  # fmt: skip
    await morning.happens(60, say("bms:hvac-1", "setpoint", 22.0, at(60), unit="Cel"))


async def _takes_back(morning: Morning) -> None:
    """09:10, v8: the next unit drifts and refuses: as before."""
    record = _plan("hvac-2", 25.0, 70, status="rolled_back", reason="setpoint is still 25.0", restore_point="v7")
    back = _act(record, "sync-70", 71, "done", covers="compensation", value=25.0)
    entry = rollback_entry(
        run="rollback-1",
        at=at(70) + 1,
        principal="graphtwin",
        restore_point="v7",
        undone="sync-70",
        reason="verification failed",
    )
    await morning.happens(
        70, say("bms:hvac-2", "setpoint", 25.0, at(70), unit="Cel"), status="rolled_back", entries=(entry,),
        kept=Kept(plans=(record,), acts=(_act(record, "sync-70", 70, "refused"), back)),
    )  # fmt: skip


async def _falls_silent(morning: Morning) -> None:
    """10:00, v9: the bus has said nothing for long, and the plant room isn't in the book any more."""
    raw, event = b'{"id": "hvac-1", "setpoint": 22.0}', "77c1" * 8
    await morning.happens(
        120,
        say("bms:hvac-1", "setpoint", 22.0, at(120), unit="Cel", event=event), roster("book", ["T1", "north", "south"], at(120)),
        status="drift_detected",
        events=(EventRecord(event, "bms", at(120), "reading", "bms.jsonl:9", "bms:hvac-1", {"setpoint": 22.0}),),
        evidence=(EvidenceItem(event, raw, "bms", "bms.jsonl:9", at(120)),),
    )  # fmt: skip


def _plan(unit: str, before: float, minute: int, **more: Any) -> PlanRecord:
    entity = f"hvac_unit:local/{unit}"
    step = PlanStep(
        "action", "reset", f"Reset the setpoint of {unit}", entity, ("f-1",), effects={"setpoint": 22.0},
        before={"setpoint": before}, actuator="bms", request=Request("PUT", f"points/{unit}", {"setpoint": 22.0}),
        compensation=Request("PUT", f"points/{unit}", {"setpoint": before}),
    )  # fmt: skip
    plan = Plan(plan_id(WORLD, (step,)), WORLD, f"reset {unit} to 22 Cel", (step,), 0.1, 1.0)
    held: Mapping[str, Any] = {"needs_approval": False, "run": f"sync-{minute}", **more}
    return PlanRecord(
        plan, basis="sha256:b", configuration=CONFIG.hash(), risk=0.45, version=f"v{5 if minute == 50 else 7}",
        author="graphtwin", created_at=at(minute), updated_at=at(minute) + 2_000_000, **held,
    )  # fmt: skip


def _act(
    record: PlanRecord, run: str, minute: int, outcome: Any, *, covers: Any = "act", value: float = 22.0
) -> ActRecord:
    step = record.plan.steps[0]
    return ActRecord(
        f"act-{minute}", record.id, run, 0, covers, step.entity, "reset", "bms",
        Request("PUT", step.request.path if step.request else "", {"setpoint": value}), {"setpoint": value}, 1,
        at(minute) + 30_000_000, at(minute), outcome, at(minute) + 1_000_000, "the unit says so",
    )  # fmt: skip
