"""What a server told, as the values of the program."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from graphtwin.model.acting import ActRecord, Freeze, PlanRecord, SignedApproval
from graphtwin.model.commit import (
    AuditRecord,
    Changes,
    Commit,
    EdgeChange,
    EntityChange,
    EventRecord,
    EvidenceItem,
    Head,
    LifecycleChange,
    Quarantined,
    RunRecord,
    ValueChange,
)
from graphtwin.model.fact import BEGIN, Fact, Layer
from graphtwin.model.instants import parse_instant
from graphtwin.model.plan import Request, plan_from
from graphtwin.model.principal import Principal, Role
from graphtwin.model.state import At, Edge, EdgeKey, EntityState, Held, Loose, State
from graphtwin.ports import Claimed

Told = Mapping[str, Any]


def micros(text: str | None) -> int:
    """Epoch µs; null is what always was so."""
    return BEGIN if text is None else parse_instant(text)


def _maybe(text: str | None) -> int | None:
    return None if text is None else parse_instant(text)


def head_from(told: Told) -> Head:
    """A world at its newest version."""
    return Head(
        told["id"], _seq(told["version"]), micros(told["asOf"]), told["hash"], told["versionId"],
        told["configuration"], micros(told["committedAt"]), audit_n=told["auditRecords"],
    )  # fmt: skip


def commit_from(world: str, told: Told) -> Commit:
    """One version; its idempotency key isn't told."""
    return Commit(
        world, _seq(told["version"]), "", told["run"], micros(told["asOf"]), micros(told["committedAt"]), told["hash"],
        told["versionId"], told["parentVersionId"], told["configuration"], told["facts"],
    )  # fmt: skip


def state_from(told: Told) -> State:
    """A whole world; what isn't drawn isn't told."""
    edges = [edge_from(edge) for one in told["entities"] for edge in one["relationships"]]
    at = At(micros(told["at"]["asOf"]), _seq(told["at"]["version"]))
    entities = {one["id"]: entity_from(one) for one in told["entities"]}
    return State(at, entities, {edge.key: edge for edge in sorted(edges, key=lambda edge: edge.key)})


def entity_with_edges(told: Told) -> tuple[EntityState, tuple[Edge, ...]]:
    """One entity with its edges in both directions, by key."""
    edges = map(edge_from, (*told["entity"]["relationships"], *told["relationshipsIn"]))
    return entity_from(told["entity"]), tuple(sorted(edges, key=lambda edge: edge.key))


def entity_from(told: Told) -> EntityState:
    """One entity with its values."""
    reported, desired, expected = (_values(told[name]) for name in ("reported", "desired", "expected"))
    return EntityState(told["id"], told["type"], told["lifecycle"], tuple(told["records"]), reported, desired, expected)


def edge_from(told: Told) -> Edge:
    """One relationship; the record at its end isn't told."""
    held = Held(
        None, "", micros(told["validFrom"]), micros(told["validFrom"]), told["confidence"], "observation",
        told["source"], "", told["fact"] or "", disputed=told["disputed"],
    )  # fmt: skip
    return Edge(_layer(told), told["subject"], told["relation"], told["object"], held, _values(told["attributes"]))


def claimed_from(told: Told) -> Claimed:
    """A claim with the reason why it won or lost."""
    return Claimed(fact_from(told["fact"]), told["score"], told["wins"], told["reason"])


def fact_from(told: Told) -> Fact:
    """A fact."""
    return Fact(
        told["id"], _layer(told), told["record"], told["name"], told["object"] or "", told["op"], told["value"],
        told["unit"] or "", micros(told["validFrom"]), micros(told["observedAt"]),
        int(told["prio"]), _seq(told["version"]),
        told["kind"], told["confidence"], told["source"], told["event"], told["segment"] or "", told["run"],
    )  # fmt: skip


def changes_from(told: Told) -> Changes:
    """What differs between two versions."""
    return Changes(
        _seq(told["before"]), _seq(told["after"]), told["beforeHash"], told["afterHash"],
        tuple(
            EntityChange(one["entity"], _shape(one["entity"], one["before"]), _shape(one["entity"], one["after"]))
            for one in told["entities"]
        ),
        tuple(
            ValueChange(one["entity"], _layer(one), one["name"], _held(one["before"]), _held(one["after"]))
            for one in told["values"]
        ),
        tuple(map(_edge_change, told["relationships"])),
        tuple(
            LifecycleChange(one["record"], one["entity"], one["before"], one["after"]) for one in told["lifecycles"]
        ),
        tuple(
            Loose(one["reason"], _layer(one), one["subject"], one["relation"], one["objectRecord"], one["fact"])
            for one in told["loose"]
        ),
    )  # fmt: skip


def event_from(told: Told) -> EventRecord:
    """A canonical event."""
    return EventRecord(
        told["id"], told["source"], micros(told["timestamp"]), told["eventType"], told["anchor"], told["record"],
        told["canonical"],
    )  # fmt: skip


def evidence_from(told: Told) -> EvidenceItem:
    """Raw bytes."""
    raw = base64.b64decode(told["base64"])
    return EvidenceItem(told["event"], raw, told["source"], told["anchor"], micros(told["receivedAt"]))


def plan_record_from(told: Told) -> PlanRecord:
    """A plan with where it stands."""
    return PlanRecord(
        plan_from(told["document"]), told["status"], told["basis"], told["configuration"], told["risk"],
        told["needsApproval"], told["version"], told["author"], micros(told["createdAt"]), micros(told["updatedAt"]),
        told["run"], tuple(told["evidence"]), told["reason"], told["restorePoint"] or "",
    )  # fmt: skip


def approval_from(told: Told) -> SignedApproval:
    """A signature with what was signed."""
    return SignedApproval(told["plan"], told["principal"], told["document"], told["signature"], micros(told["at"]))


def act_from(told: Told) -> ActRecord:
    """An act with its outcome; the lease that it was committed under isn't told."""
    return ActRecord(
        told["id"], told["plan"], told["run"], told["place"], told["covers"], told["entity"], told["action"],
        told["actuator"], Request(**told["request"]), told["effects"], 0, 0, micros(told["at"]), told["outcome"],
        _maybe(told["answeredAt"]), told["answer"],
    )  # fmt: skip


def freeze_from(told: Told) -> Freeze:
    """A freeze that is in force."""
    return Freeze(told["by"], micros(told["at"]), told["reason"])


def run_from(world: str, told: Told) -> RunRecord:
    """A run."""
    return RunRecord(
        told["id"], world, told["workflow"], micros(told["startedAt"]), _maybe(told["endedAt"]), told["status"],
        told["step"], told["report"], told["details"],
    )  # fmt: skip


def audit_from(world: str, told: Told) -> AuditRecord:
    """A link of the audit chain."""
    return AuditRecord(
        world, told["n"], micros(told["at"]), told["kind"], told["run"], told["body"], told["prev"], told["hash"]
    )


def quarantined_from(told: Told) -> Quarantined:
    """A message that was set aside."""
    return Quarantined(
        told["id"], told["source"], told["place"], told["reason"], told["hint"], told["text"].encode(), told["size"],
        told["sha256"], micros(told["at"]), told["run"],
    )  # fmt: skip


def principal_from(world: str, told: Told, public_key: bytes) -> Principal:
    """Who may decide."""
    return Principal(
        world, told["id"], Role(told["role"]), public_key, micros(told["addedAt"]), _maybe(told["revokedAt"])
    )


def _values(told: Iterable[Told]) -> dict[str, Held]:
    return {one["name"]: _value(one) for one in told}


def _held(told: Told | None) -> Held | None:
    return None if told is None else _value(told)


def _value(told: Told) -> Held:
    return Held(
        told["value"], told["unit"] or "", micros(told["validFrom"]), micros(told["observedAt"]), told["confidence"],
        told["kind"], told["source"], told["record"], told["fact"] or "", told["rivals"], told["disputed"], told["low"],
        told["high"],
    )  # fmt: skip


def _shape(entity: str, told: Told | None) -> EntityState | None:
    return None if told is None else EntityState(entity, told["type"], told["lifecycle"], tuple(told["records"]))


def _edge_change(told: Told) -> EdgeChange:
    key: EdgeKey = (_layer(told), told["subject"], told["relation"], told["object"])
    edge = Edge(*key, Held(None, "", BEGIN, BEGIN, 1.0, "observation", "", "", ""))
    return EdgeChange(key, None if told["change"] == "appeared" else edge, None if told["change"] == "gone" else edge)


def _layer(told: Told) -> Layer:
    layer: Layer = told["layer"].lower()
    return layer


def _seq(version: str) -> int:
    return int(version.removeprefix("v"))
