"""What a state rests on as lines of N-Quads: events, commits, the runs that made them, their audit records (PROV-O)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from graphtwin.methods.audit.audit_entries import RESTORE, ROLLBACK
from graphtwin.model.commit import AuditRecord, Commit, EventRecord, RunRecord
from graphtwin.ports import Store
from graphtwin.rdf.names import Names
from graphtwin.rdf.terms import json_literal, literal, moment, text
from graphtwin.rdf.used import Used
from graphtwin.rdf.vocabulary import DCTERMS, GT, PROV, TIME, being, verb

_EVENTS: Final = 1_000
_RUNS: Final = 50
"""Runs asked for at once: each comes with its whole report."""
_AUDITED: Final = 1_000
_VERSION: Final = re.compile(r"v\d+", re.ASCII)

_IS_EVENT, _IS_DECISION, _IS_DERIVATION = being(GT.Event), being(GT.Decision), being(GT.Derivation)
_IS_COMMIT, _IS_RUN, _IS_AUDIT = being(GT.Commit), being(GT.Run), being(GT.AuditRecord)
_IS_ROLLBACK: Final = being(GT.Rollback)
_IS_ORIGIN, _IS_ACTIVITY = being(PROV.Entity), being(PROV.Activity)

_IDENTIFIER, _AT, _STARTED, _ENDED = (
    verb(DCTERMS.identifier), verb(PROV.generatedAtTime), verb(PROV.startedAtTime), verb(PROV.endedAtTime),
)  # fmt: skip
_ATTRIBUTED, _DERIVED, _GENERATED = verb(PROV.wasAttributedTo), verb(PROV.wasDerivedFrom), verb(PROV.wasGeneratedBy)
_GENERATES, _INFORMED, _ASSOCIATED = verb(PROV.generated), verb(PROV.wasInformedBy), verb(PROV.wasAssociatedWith)
_TIME, _EVENT_TYPE, _ANCHOR, _RULE = verb(TIME.hasTime), verb(GT.eventType), verb(GT.anchor), verb(GT.rule)
_HASH, _VERSION_ID, _CONFIGURATION, _FACTS = (
    verb(GT.stateHash), verb(GT.versionId), verb(GT.configuration), verb(GT.factCount),
)  # fmt: skip
_WORKFLOW, _STATUS, _KIND, _BODY = verb(GT.workflow), verb(GT.status), verb(GT.kind), verb(GT.body)
_UNDOES, _REASON, _USED = verb(GT.undoes), verb(GT.reason), verb(PROV.used)
_AUDIT_HASH, _PREVIOUS = verb(GT.auditHash), verb(GT.previousHash)


class OriginLines:
    """Describes what `used` names, as it was known before `until` (epoch µs; None: until now)."""

    def __init__(self, store: Store, world: str, names: Names, used: Used, *, until: int | None, end: str) -> None:
        self._store = store
        self._world = world
        self._names = names
        self._used = used
        self._end = end
        self._until = until

    async def causes(self) -> AsyncIterator[str]:
        """Events and commits, batch after batch; the runs that made them are gathered in `used`."""
        for ids in _batches(sorted(self._used.events), _EVENTS):
            known = {event.id: event for event in await self._store.events(self._world, ids)}
            yield "".join(self._event(one, known.get(one)) for one in ids)
        for seqs in _batches(sorted(self._used.commits), _EVENTS):
            commits = await self._store.commits_named(self._world, seqs)
            self._used.runs.update(commit.run for commit in commits if commit.run)
            yield "".join(map(self._commit, commits))

    async def rollbacks(self) -> AsyncIterator[str]:
        """What was taken back, as the audit chain says; the runs that did it, and whose it was, are gathered in `used`."""
        records = self._by_then(await self._store.audit_of(self._world, (ROLLBACK, RESTORE)))
        yield "".join(map(self._rollback, records))

    async def runs(self) -> AsyncIterator[str]:
        """Runs and their audit records; who did it is gathered in `used`."""
        agents: dict[str, set[str]] = defaultdict(set)
        for ids in _batches(sorted(self._used.runs), _AUDITED):
            records = self._by_then(await self._store.audit_of_runs(self._world, ids))
            for record in records:
                agents[record.run].update(_principals(record))
            yield "".join(map(self._audit, records))
        for ids in _batches(sorted(self._used.runs), _RUNS):
            kept = {run.id: run for run in await self._store.runs_named(self._world, ids)}
            yield "".join(self._run(one, kept.get(one), agents[one]) for one in ids)

    def _event(self, ident: str, event: EventRecord | None) -> str:
        """An event; a decision has none that is kept, only its name."""
        z = self._end
        e = self._names.of("event", ident)
        decision = f"{e}{_IS_DECISION}{z}" if ident in self._used.decisions else ""
        said = f"{e}{_IS_EVENT}{z}{e}{_IS_ORIGIN}{z}{decision}{e}{_IDENTIFIER}{text(ident)}{z}"
        if event is None:
            return said
        self._used.sources.add(event.source)
        said += (
            f"{e}{_ATTRIBUTED}{self._names.of('source', event.source)}{z}{e}{_AT}{moment(event.timestamp)}{z}"
            f"{e}{_EVENT_TYPE}{text(event.event_type)}{z}{e}{_ANCHOR}{text(event.anchor)}{z}"
        )
        return said + "".join(self._derivation(e, event.canonical)) if "premises" in event.canonical else said

    def _derivation(self, e: str, canonical: Mapping[str, object]) -> Iterator[str]:
        """What a rule concluded from: the facts that its rows rest on (S22)."""
        z = self._end
        rule, premises = canonical.get("rule"), canonical["premises"]
        yield f"{e}{_IS_DERIVATION}{z}"
        if isinstance(rule, str):
            self._used.rules.add(rule)
            yield f"{e}{_RULE}{self._names.of('rule', rule)}{z}"
        listed = premises if isinstance(premises, list | tuple) else ()
        for fact in sorted({str(one["fact"]) for one in listed if one.get("fact")}):
            yield f"{e}{_DERIVED}{self._names.of('fact', fact)}{z}"

    def _commit(self, commit: Commit) -> str:
        """The activity that made a version; its instant is the transaction time."""
        names, z = self._names, self._end
        c = names.commit(commit.seq)
        self._used.instants.add(commit.committed_at)
        ran = f"{c}{_INFORMED}{names.of('run', commit.run)}{z}" if commit.run else ""
        return (
            f'{c}{_IS_COMMIT}{z}{c}{_IS_ACTIVITY}{z}{c}{_IDENTIFIER}"v{commit.seq}"{z}'
            f"{c}{_TIME}{names.instant(commit.committed_at)}{z}{c}{_ENDED}{moment(commit.committed_at)}{z}"
            f"{c}{_GENERATES}{names.version(commit.seq)}{z}{c}{_HASH}{text(commit.hash)}{z}"
            f"{c}{_VERSION_ID}{text(commit.version_id)}{z}{c}{_CONFIGURATION}{text(commit.configuration)}{z}"
            f"{c}{_FACTS}{literal(commit.facts)}{z}{ran}"
        )

    def _audit(self, record: AuditRecord) -> str:
        """A link of the audit chain, whole."""
        names, z = self._names, self._end
        a = names.of("audit", str(record.n))
        said = (
            f'{a}{_IS_AUDIT}{z}{a}{_IS_ORIGIN}{z}{a}{_IDENTIFIER}"{record.n}"{z}{a}{_KIND}{text(record.kind)}{z}'
            f"{a}{_AT}{moment(record.at)}{z}{a}{_GENERATED}{names.of('run', record.run)}{z}"
            f"{a}{_BODY}{json_literal(record.body)}{z}{a}{_PREVIOUS}{text(record.prev)}{z}{a}{_AUDIT_HASH}{text(record.hash)}{z}"
        )
        principals = _principals(record)
        self._used.agents.update(principals)
        return said + "".join(f"{a}{_ATTRIBUTED}{names.of('agent', one)}{z}" for one in principals)

    def _rollback(self, record: AuditRecord) -> str:
        """The activity that restored a version; what it wrote are facts of its run."""
        names, z = self._names, self._end
        r = names.of("rollback", str(record.n))
        undone, point = str(record.body.get("undone") or ""), str(record.body.get("restore_point") or "")
        self._used.runs.update({record.run, undone} - {""})
        said = [
            _IS_ROLLBACK, _IS_ACTIVITY, f"{_IDENTIFIER}{text(str(record.n))}", f"{_KIND}{text(record.kind)}",
            f"{_STARTED}{moment(record.at)}", f"{_INFORMED}{names.of('run', record.run)}",
        ]  # fmt: skip
        said += [f"{_ASSOCIATED}{names.of('agent', one)}" for one in _principals(record)]
        said += [f"{_USED}{names.version(int(point[1:]))}"] if _VERSION.fullmatch(point) else []
        said += [f"{_UNDOES}{names.of('run', undone)}"] if undone else []
        said += [f"{_REASON}{text(str(record.body['reason']))}"] if record.body.get("reason") else []
        return f"{r}{(z + r).join(said)}{z}"

    def _run(self, ident: str, run: RunRecord | None, agents: Iterable[str]) -> str:
        """A workflow's run, which may not be kept; how it ended only where that was known by then."""
        names, z = self._names, self._end
        r = names.of("run", ident)
        said = f"{r}{_IS_RUN}{z}{r}{_IS_ACTIVITY}{z}{r}{_IDENTIFIER}{text(ident)}{z}"
        if run is not None:
            said += f"{r}{_WORKFLOW}{text(run.workflow)}{z}{r}{_STARTED}{moment(run.started_at)}{z}"
            if run.ended_at is not None and self._known(run.ended_at):
                said += f"{r}{_ENDED}{moment(run.ended_at)}{z}{r}{_STATUS}{text(run.status)}{z}"
        return said + "".join(f"{r}{_ASSOCIATED}{names.of('agent', one)}{z}" for one in sorted(agents))

    def _by_then(self, records: Sequence[AuditRecord]) -> list[AuditRecord]:
        return [record for record in records if self._known(record.at)]

    def _known(self, at: int) -> bool:
        return self._until is None or at < self._until


def _batches(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _principals(record: AuditRecord) -> list[str]:
    """Who is said to have done it."""
    named = record.body.get("principal")
    return [named] if isinstance(named, str) and named else []
