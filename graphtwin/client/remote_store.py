"""A world behind a server, to be read like a store: what the API doesn't tell is refused, never guessed."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from graphtwin.client import documents, reading
from graphtwin.client.server import Server
from graphtwin.errors import UsageError
from graphtwin.methods.audit.api_keys import KEY_KINDS, api_keys_of
from graphtwin.model.acting import ActRecord, Freeze, PlanRecord, SignedApproval
from graphtwin.model.api_key import ApiKey
from graphtwin.model.commit import (
    AuditRecord,
    Changes,
    Commit,
    EventRecord,
    EvidenceItem,
    Head,
    Quarantined,
    RunRecord,
)
from graphtwin.model.fact import Fact, Layer
from graphtwin.model.instants import format_instant
from graphtwin.model.principal import Principal
from graphtwin.model.state import At, Edge, EntityState, State
from graphtwin.ports import Answered, Claimed

_ROWS: Final = 500
"""Rows that a server answers at once; that there are more is told."""


class RemoteStore:
    """The part of ports.Store that a server answers for."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def __getattr__(self, name: str) -> Any:
        """Everything else of a store."""
        if name.startswith("__"):
            raise AttributeError(name)
        raise _untold()

    async def worlds(self) -> tuple[Head, ...]:
        return tuple(map(reading.head_from, (await self._server.ask(documents.WORLDS))["worlds"]))

    async def head(self, world: str) -> Head:
        return reading.head_from((await self._server.ask(documents.WORLD, world=world))["world"])

    async def commits(self, world: str, *, after: int = 0, limit: int = 100) -> tuple[Commit, ...]:
        asked = {"world": world, "after": f"v{after}" if after >= 0 else None, "first": limit}
        return tuple(
            reading.commit_from(world, one) for one in (await self._server.ask(documents.VERSIONS, **asked))["versions"]
        )

    async def state(self, world: str, at: At | None = None) -> State:
        told = (await self._server.ask(documents.SNAPSHOT, world=world, **_instant(at)))["snapshot"]
        return reading.state_from(told)

    async def entity(
        self, world: str, entity: str, at: At | None = None
    ) -> tuple[EntityState, tuple[Edge, ...]] | None:
        told = (await self._server.ask(documents.ENTITY, world=world, id=entity, **_instant(at)))["entity"]
        return None if told is None else reading.entity_with_edges(told)

    async def claims(self, world: str, entity: str, name: str, at: At | None = None) -> tuple[Claimed, ...]:
        asked = {"world": world, "entity": entity, "variable": name, **_instant(at)}
        return tuple(map(reading.claimed_from, (await self._server.ask(documents.WHY, **asked))["why"]["claims"]))

    async def history(
        self, world: str, entity: str, name: str, *, layer: Layer = "reported", limit: int = 100
    ) -> tuple[Fact, ...]:
        asked = {"world": world, "entity": entity, "variable": name, "layer": layer.upper(), "first": limit}
        return tuple(map(reading.fact_from, (await self._server.ask(documents.HISTORY, **asked))["history"]))

    async def diff(self, world: str, before: int, after: int) -> Changes:
        asked = {"world": world, "before": f"v{before}", "after": f"v{after}"}
        return reading.changes_from((await self._server.ask(documents.DIFF, **asked))["diff"])

    async def events(self, world: str, ids: Sequence[str]) -> tuple[EventRecord, ...]:
        if not ids:
            return ()
        told = await self._server.ask(documents.EVENTS, world=world, ids=sorted(set(ids)))
        return tuple(map(reading.event_from, told["events"]))

    async def evidence(self, world: str, event: str) -> EvidenceItem | None:
        told = (await self._server.ask(documents.EVIDENCE, world=world, event=event))["evidence"]
        return None if told is None else reading.evidence_from(told)

    async def plans(self, world: str, *, statuses: Collection[str] = (), limit: int = 100) -> tuple[PlanRecord, ...]:
        asked = {"world": world, "statuses": sorted(statuses), "first": limit}
        return tuple(map(reading.plan_record_from, (await self._server.ask(documents.PLANS, **asked))["plans"]))

    async def plan(self, world: str, plan: str) -> PlanRecord:
        return reading.plan_record_from((await self._server.ask(documents.PLAN, world=world, id=plan))["plan"])

    async def approvals(self, world: str, plan: str) -> tuple[SignedApproval, ...]:
        told = (await self._server.ask(documents.APPROVALS, world=world, plan=plan))["approvals"]
        return tuple(map(reading.approval_from, told))

    async def acts(self, world: str, *, plan: str | None = None, since: int | None = None) -> tuple[ActRecord, ...]:
        if plan is None or since is not None:
            raise _untold()
        told = (await self._server.ask(documents.ACTS, world=world, plan=plan))["acts"]
        return tuple(map(reading.act_from, told))

    async def freeze(self, world: str) -> Freeze | None:
        told = (await self._server.ask(documents.FREEZE, world=world))["freeze"]
        return None if told is None else reading.freeze_from(told)

    async def runs(self, world: str, *, limit: int = 20) -> tuple[RunRecord, ...]:
        told = (await self._server.ask(documents.RUNS, world=world, first=limit))["runs"]
        return tuple(reading.run_from(world, one) for one in told)

    async def runs_named(self, world: str, ids: Sequence[str]) -> tuple[RunRecord, ...]:
        told = [(await self._server.ask(documents.RUN, world=world, id=one))["run"] for one in sorted(set(ids))]
        return tuple(reading.run_from(world, one) for one in told if one is not None)

    async def audit(self, world: str, *, after: int = 0, limit: int = 1000) -> tuple[AuditRecord, ...]:
        asked = {"world": world, "after": after, "first": limit}
        told = (await self._server.ask(documents.AUDIT, **asked))["auditRecords"]
        return tuple(reading.audit_from(world, one) for one in told)

    async def audit_of(self, world: str, kinds: Sequence[str]) -> tuple[AuditRecord, ...]:
        return await self._audit(world, kinds=sorted(kinds))

    async def audit_of_runs(self, world: str, runs: Sequence[str]) -> tuple[AuditRecord, ...]:
        return await self._audit(world, runs=sorted(runs))

    async def _audit(self, world: str, **wanted: list[str]) -> tuple[AuditRecord, ...]:
        found: list[AuditRecord] = []
        while True:
            after = found[-1].n if found else 0
            told = await self._server.ask(documents.AUDIT, world=world, first=_ROWS, after=after, **wanted)
            found += [reading.audit_from(world, one) for one in told["auditRecords"]]
            if len(told["auditRecords"]) < _ROWS:
                return tuple(found)

    async def api_keys(self, world: str) -> tuple[ApiKey, ...]:
        return api_keys_of(await self.audit_of(world, KEY_KINDS))

    async def quarantined(self, world: str, *, source: str | None = None, limit: int = 100) -> tuple[Quarantined, ...]:
        asked = {"world": world, "source": source, "first": limit}
        return tuple(
            map(reading.quarantined_from, (await self._server.ask(documents.QUARANTINE, **asked))["quarantine"])
        )

    async def query(self, text: str, params: Mapping[str, Any], *, rows: int, seconds: float) -> Answered:  # noqa: ARG002 - the server has its own time
        world = params.get("world") or next((head.world for head in await self.worlds()), "")
        asked = {"world": world, "text": text, "params": dict(params), "first": min(rows, _ROWS)}
        told = (await self._server.ask(documents.CYPHER, **asked))["query"]
        return Answered(tuple(told["columns"]), tuple(tuple(row) for row in told["rows"]), told["cut"])

    async def principals(self, world: str) -> tuple[Principal, ...]:
        told = (await self._server.ask(documents.PRINCIPALS, world=world))["principals"]
        return tuple(reading.principal_from(world, one, base64.b64decode(one["publicKey"])) for one in told)


def _untold() -> UsageError:
    return UsageError(
        "That needs the database itself; a server doesn't tell it.",
        hint="run it without --server where the database is",
    )


def _instant(at: At | None) -> dict[str, str | None]:
    if at is None:
        return {"asOf": None, "version": None}
    return {"asOf": format_instant(at.valid), "version": f"v{at.seq}"}
