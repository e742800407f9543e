"""Every read of the store in memory: a question put to all facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any

from graphtwin.errors import IntegrityError, NotFound
from graphtwin.methods.audit.api_keys import HOLDER_KINDS, KEY_KINDS, api_keys_of, holder_of
from graphtwin.methods.audit.principals import PRINCIPAL_KINDS, principals_of
from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.methods.state.claims import cells_of
from graphtwin.methods.state.compare import compare
from graphtwin.methods.state.weigh import weigh
from graphtwin.model.acting import ActRecord, Freeze, PlanRecord, SignedApproval
from graphtwin.model.api_key import ApiKey
from graphtwin.model.cell import Cell
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
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import ENTITY, RANK, Fact, Key, Layer
from graphtwin.model.machine import is_machine_key
from graphtwin.model.principal import Principal
from graphtwin.model.pulse import Pulse, RunMark
from graphtwin.model.state import At, Edge, EntityState, State
from graphtwin.ports import Claimed, Portion, Sample, Subgraph
from graphtwin.store.memory.cells import cells_without, decided_by
from graphtwin.store.memory.walk import distances, edges_within, shortest_paths
from graphtwin.store.memory.world import Moment, World


class Reading:
    """The reading half of ports.Store."""

    def __init__(self) -> None:
        self._worlds: dict[str, World] = {}
        self._runs: dict[tuple[str, str], RunRecord] = {}

    def _world(self, world: str) -> World:
        if world not in self._worlds:
            raise NotFound(f"There is no world {world!r}.", hint="List the worlds with: graphtwin world list")
        return self._worlds[world]

    async def worlds(self) -> tuple[Head, ...]:
        return tuple(self._worlds[world].head for world in sorted(self._worlds))

    async def head(self, world: str) -> Head:
        return self._world(world).head

    async def commit_of(self, world: str, key: str) -> Commit | None:
        return next((commit for commit in self._world(world).commits[1:] if commit.key == key), None)

    async def commits(self, world: str, *, after: int = 0, limit: int = 100) -> tuple[Commit, ...]:
        return tuple(commit for commit in self._world(world).commits if commit.seq > after)[:limit]

    async def commits_named(self, world: str, seqs: Sequence[int]) -> tuple[Commit, ...]:
        wanted = frozenset(seqs)
        return tuple(commit for commit in self._world(world).commits if commit.seq in wanted)

    async def commit_at(self, world: str, *, known_at: int) -> Commit | None:
        made = [commit for commit in self._world(world).commits if commit.committed_at <= known_at]
        return made[-1] if made else None

    async def configuration(self, world: str, seq: int | None = None) -> TwinConfig:
        held = self._world(world)
        return held.configuration(held.head.seq if seq is None else seq)

    async def state(self, world: str, at: At | None = None) -> State:
        return self._world(world).moment(at).state

    async def portions(self, world: str, at: At, *, size: int = 500, after: str = "") -> AsyncIterator[Portion]:
        then = self._world(world).moment(at)
        ids = sorted(one for one in then.state.entities if one > after)
        for start in range(0, len(ids), size):
            entities = tuple(then.state.entities[one] for one in ids[start : start + size])
            subjects = {one.id for one in entities}
            records = {record for one in entities for record in one.records}
            yield Portion(
                entities,
                tuple(edge for _, edge in sorted(then.state.edges.items()) if edge.subject in subjects),
                {claim.id: claim for claim in then.claims() if claim.record in records},
            )

    async def page(self, world: str, at: At, *, limit: int, after: str = "") -> Portion:
        async for portion in self.portions(world, at, size=limit, after=after):
            return portion
        return Portion((), (), {})

    async def entity(
        self, world: str, entity: str, at: At | None = None
    ) -> tuple[EntityState, tuple[Edge, ...]] | None:
        then = self._world(world).moment(at)
        resolved = then.resolve(entity)
        if resolved is None:
            return None
        edges = (edge for _, edge in sorted(then.state.edges.items()) if resolved in (edge.subject, edge.object))
        return then.state.entities[resolved], tuple(edges)

    async def neighbourhood(self, world: str, entity: str, hops: int, at: At | None = None) -> Subgraph:
        then = self._world(world).moment(at)
        centre = then.resolve(entity)
        if centre is None:
            raise NotFound(f"World {world!r} has no entity {entity!r}.", hint="Was it there at another time?")
        distance = distances(then.state, centre, hops)
        entities = {one: then.state.entities[one] for one in sorted(distance)}
        return Subgraph(then.at, centre, entities, edges_within(then.state, distance, hops), distance)

    async def paths(
        self, world: str, source: str, target: str, *, max_hops: int, at: At | None = None
    ) -> tuple[tuple[Edge, ...], ...]:
        then = self._world(world).moment(at)
        start, end = then.resolve(source), then.resolve(target)
        return shortest_paths(then.state, start, end, max_hops) if start and end else ()

    async def diff(self, world: str, before: int, after: int) -> Changes:
        held = self._world(world)
        one, other = held.moment_of(before), held.moment_of(after)
        return compare(
            one.state,
            other.state,
            hashes=(held.commit(before).hash, held.commit(after).hash),
            lifecycles=(one.lifecycles, other.lifecycles),
        )

    async def claims(self, world: str, entity: str, name: str, at: At | None = None) -> tuple[Claimed, ...]:
        then = self._world(world).moment(at)
        resolved = then.resolve(entity)
        if resolved is None:
            return ()
        state = then.state.entities[resolved]
        about = [claim for claim in then.claims() if claim.name == name and claim.record in state.records]
        existing = then.existing()
        return weigh(about, then.policy, state.type, name, lambda record: existing.get(record, record))

    async def history(
        self, world: str, entity: str, name: str, *, layer: Layer = "reported", limit: int = 100
    ) -> tuple[Fact, ...]:
        now = self._world(world).moment()
        resolved = now.resolve(entity)
        records = now.state.entities[resolved].records if resolved else ()
        about = [fact for fact in now.facts if (fact.layer, fact.name) == (layer, name) and fact.record in records]
        about.sort(key=lambda fact: (fact.valid_from, fact.prio, fact.id), reverse=True)
        return tuple(about[:limit])

    async def samples(
        self,
        world: str,
        variables: Sequence[tuple[str, str]],
        *,
        at: At,
        limit: int,
        winners: Mapping[tuple[str, str], str] | None = None,  # noqa: ARG002 - nothing is cheaper for knowing them
    ) -> Mapping[tuple[str, str], tuple[Sample, ...]]:
        then = self._world(world).moment(at)
        return {variable: _samples(then, *variable, limit) for variable in variables}

    async def cells_since(self, world: str, seq: int) -> tuple[Cell, ...]:
        self._world(world).commit(seq)
        return cells_without(self._world(world).facts, lambda fact: fact.seq > seq)

    async def cells_of_run(self, world: str, run: str, *, since: int) -> tuple[Cell, ...]:
        return cells_without(self._world(world).facts, decided_by(run, since))

    async def fallen_due(self, world: str, seq: int, *, until: int) -> tuple[Fact, ...]:
        held = self._world(world)
        then = held.commit(seq).valid
        due = [fact for fact in held.facts if fact.seq <= seq and then < fact.valid_from <= until]
        return tuple(sorted(due, key=lambda fact: (fact.valid_from, fact.id)))

    async def fired(self, world: str, *, at: At | None = None, limit: int = 100) -> tuple[Fact, ...]:
        then = self._world(world).moment(at)
        told: dict[Key, list[Fact]] = defaultdict(list)
        for fact in then.facts:
            if is_machine_key(fact.key):
                told[fact.key].append(fact)
        cells = [c for facts in told.values() for c in cells_of(facts, valid=then.at.valid, seq=then.at.seq)]
        steps = [cell for cell in cells if cell.op == "assert"]
        return tuple(sorted(steps, key=lambda cell: (-cell.valid_from, cell.key))[:limit])

    async def last_heard(self, world: str) -> Mapping[str, int]:
        held = self._world(world)
        newest: dict[str, int] = {}
        for fact in held.facts:
            if 0 <= fact.prio < RANK and fact.valid_from <= held.head.valid:
                newest[fact.source] = max(fact.valid_from, newest.get(fact.source, fact.valid_from))
        return newest

    async def cursors(self, world: str) -> Mapping[str, Mapping[str, Any]]:
        return dict(self._world(world).cursors)

    async def known_events(self, world: str, ids: Sequence[str]) -> frozenset[str]:
        return frozenset(ids) & self._world(world).events.keys()

    async def evidence(self, world: str, event: str) -> EvidenceItem | None:
        item, digest = self._world(world).evidence.get(event, (None, ""))
        if item is not None and sha256(item.raw).hexdigest() != digest:
            raise IntegrityError(
                f"The raw bytes of event {event} aren't those that were stored.", hint="See: graphtwin verify"
            )
        return item

    async def evidence_of(self, world: str, events: Sequence[str]) -> tuple[EvidenceItem, ...]:
        found = [await self.evidence(world, event) for event in sorted(set(events))]
        self._world(world)
        return tuple(item for item in found if item is not None)

    async def events(self, world: str, ids: Sequence[str]) -> tuple[EventRecord, ...]:
        known = self._world(world).events
        return tuple(known[event] for event in sorted(set(ids)) if event in known)

    async def quarantined(self, world: str, *, source: str | None = None, limit: int = 100) -> tuple[Quarantined, ...]:
        held = [one for one in self._world(world).quarantined.values() if source in (None, one.source)]
        return tuple(sorted(held, key=lambda one: (-one.at, one.id))[:limit])

    async def records_of(self, world: str, records: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        now = self._world(world).moment()
        types = {
            claim.record: str(claim.value)
            for claim in now.claims()
            if claim.key == Key("reported", claim.record, "@type")
        }
        existing = now.existing()
        return {record: (types[record], existing[record]) for record in sorted(set(records)) if record in existing}

    async def names_used(self, world: str, names: Sequence[str]) -> frozenset[tuple[str, bool]]:
        wanted = frozenset(names)
        return frozenset((fact.name, bool(fact.object)) for fact in self._world(world).facts if fact.name in wanted)

    async def mapped(self, world: str, records: Sequence[str]) -> Mapping[str, str]:
        tops = self._world(world).moment().tops
        held = {record: tops.get(Key("reported", record, ENTITY)) for record in sorted(set(records))}
        return {record: str(top.value) for record, top in held.items() if top is not None and top.op == "assert"}

    async def entities_called(self, world: str, ids: Sequence[str]) -> Mapping[str, str]:
        now = self._world(world).moment()
        found = {one: now.resolve(one) for one in sorted(set(ids))}
        return {one: entity for one, entity in found.items() if entity is not None}

    async def founded(self, world: str, entities: Sequence[str]) -> Mapping[str, int]:
        given = [fact for fact in self._world(world).facts if fact.name == ENTITY and fact.op == "assert"]
        first = {
            one: min((fact.seq for fact in given if fact.value == one), default=0) for one in sorted(set(entities))
        }
        return {one: seq for one, seq in first.items() if seq}

    async def records_ever(self, world: str, entities: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        given = [fact for fact in self._world(world).facts if fact.name == ENTITY and fact.op == "assert"]
        ever = {one: sorted({fact.record for fact in given if fact.value == one}) for one in sorted(set(entities))}
        return {one: tuple(records) for one, records in ever.items() if records}

    async def entity_facts(self, world: str, records: Sequence[str]) -> tuple[Fact, ...]:
        wanted = {Key("reported", record, ENTITY) for record in records}
        found = [fact for fact in self._world(world).facts if fact.key in wanted]
        return tuple(sorted(found, key=lambda fact: (fact.record, fact.valid_from, fact.prio, fact.id)))

    async def identify(self, world: str, name: str, values: Sequence[Any]) -> Mapping[Any, tuple[str, ...]]:
        now = self._world(world).moment()
        existing = now.existing()
        held = [c for c in now.claims() if c.layer == "reported" and c.name == name and c.record in existing]
        found = {
            value: tuple(sorted({c.record for c in held if canonical_json(c.value) == canonical_json(value)}))
            for value in values
        }
        return {value: records for value, records in found.items() if records}

    async def plans(self, world: str, *, statuses: Collection[str] = (), limit: int = 100) -> tuple[PlanRecord, ...]:
        return self._worlds[world].acting.plans_in(statuses, limit) if world in self._worlds else ()

    async def plan(self, world: str, plan: str) -> PlanRecord:
        return self._world(world).acting.plan(world, plan)

    async def plans_like(self, world: str, digest: str) -> tuple[PlanRecord, ...]:
        return self._worlds[world].acting.plans_like(digest) if world in self._worlds else ()

    async def approvals(self, world: str, plan: str) -> tuple[SignedApproval, ...]:
        return self._worlds[world].acting.approvals_of(plan) if world in self._worlds else ()

    async def acts(self, world: str, *, plan: str | None = None, since: int | None = None) -> tuple[ActRecord, ...]:
        return self._worlds[world].acting.acts_of(plan, since) if world in self._worlds else ()

    async def freeze(self, world: str) -> Freeze | None:
        return self._world(world).acting.freeze

    async def still_carrying(self, world: str, plan: str, *, holder: str, until: int) -> bool:
        return self._world(world).acting.still_carrying(plan, holder, until)

    async def audit(self, world: str, *, after: int = 0, limit: int = 1000) -> tuple[AuditRecord, ...]:
        return tuple(record for record in self._world(world).audit if record.n > after)[:limit]

    async def audit_of(self, world: str, kinds: Sequence[str]) -> tuple[AuditRecord, ...]:
        return tuple(record for record in self._world(world).audit if record.kind in kinds)

    async def audit_of_runs(self, world: str, runs: Sequence[str]) -> tuple[AuditRecord, ...]:
        return tuple(record for record in self._world(world).audit if record.run in frozenset(runs))

    async def principals(self, world: str) -> tuple[Principal, ...]:
        return principals_of(await self.audit_of(world, PRINCIPAL_KINDS))

    async def api_keys(self, world: str) -> tuple[ApiKey, ...]:
        return api_keys_of(await self.audit_of(world, KEY_KINDS))

    async def holders(self, digest: str) -> tuple[Principal, ...]:
        found = [holder_of(await self.audit_of(world, HOLDER_KINDS), digest) for world in sorted(self._worlds)]
        return tuple(one for one in found if one is not None)

    async def runs(self, world: str, *, limit: int = 20) -> tuple[RunRecord, ...]:
        of_world = [run for run in self._runs.values() if run.world == world]
        return tuple(sorted(of_world, key=lambda run: (-run.started_at, run.id))[:limit])

    async def runs_named(self, world: str, ids: Sequence[str]) -> tuple[RunRecord, ...]:
        named = self._world(world).head.world
        return tuple(self._runs[named, one] for one in sorted(set(ids)) if (named, one) in self._runs)

    async def runs_since(self, world: str, since: int, *, after: str = "", limit: int) -> tuple[RunMark, ...]:
        named = self._world(world).head.world
        of_world = [run for run in self._runs.values() if run.world == named]
        later = [_mark(run) for run in of_world if (run.started_at, run.id) > (since, after)]
        return tuple(sorted(later, key=lambda mark: (mark.started_at, mark.id))[:limit])

    async def pulse(self, world: str, *, runs: int) -> Pulse:
        head = self._world(world).head
        return Pulse(head.seq, head.audit_n, tuple(map(_mark, await self.runs(world, limit=runs))))


def _mark(run: RunRecord) -> RunMark:
    return RunMark(run.id, run.workflow, run.started_at, run.ended_at, run.status, run.step)


def _samples(then: Moment, entity: str, name: str, limit: int) -> tuple[Sample, ...]:
    resolved = then.resolve(entity)
    held = then.state.entities[resolved].reported.get(name) if resolved else None
    if held is None:
        return ()
    key = Key("reported", held.record, name)
    cells = cells_of((fact for fact in then.facts if fact.key == key), valid=then.at.valid, seq=then.at.seq)
    said = [Sample(cell.valid_from, cell.value) for cell in cells if cell.op == "assert"]
    return tuple(reversed(said[:limit]))
