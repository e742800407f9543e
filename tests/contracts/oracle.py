"""Two stores under the same random operations: the one in memory is the measure, every difference is a mismatch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from contracts.operations import RECORDS, Operation, Operations
from contracts.scene import MINUTE, NOON, TTL, twin

from graphtwin.errors import NotFound
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.model.commit import Changes, Commit, Head, Lease
from graphtwin.model.fact import ENTITY, Fact
from graphtwin.model.machine import firing_of
from graphtwin.model.state import At
from graphtwin.ports import Store, Transaction
from graphtwin.store.memory import MemoryStore


@dataclass
class Findings:
    """What was compared, how often, and what differed."""

    operations: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    mismatches: list[str] = field(default_factory=list)

    def compare(self, what: str, where: str, measured: Any, tested: Any) -> None:
        self.compared[what] += 1
        if measured != tested:
            self.mismatches.append(f"{what} {where}:\n  measure: {_short(measured)}\n  tested:  {_short(tested)}")


@dataclass
class Oracle:
    """Applies a seed's operations to both stores, step by step, and asks both the same questions.

    `probe_every` is the mean number of operations between two probes at a random instant of both axes.
    """

    measure: MemoryStore
    tested: Store
    world: str
    seed: int
    probe_every: int = 3
    inside: Random = field(init=False)

    def __post_init__(self) -> None:
        self.inside = Random(self.seed)

    async def run(self, operations: int) -> Findings:
        findings = Findings()
        stream = Operations(self.seed, self.world)
        leases = [await _open(store, self.world) for store in (self.measure, self.tested)]
        for number in range(operations):
            operation = (
                stream.first() if number == 0 else stream.next(self._facts(), await self.measure.state(self.world))
            )
            findings.operations[operation.kind] += 1
            await self._apply(findings, f"{number} ({operation.kind})", operation, leases)
            if findings.mismatches:
                return findings  # from here on everything differs
            if stream.chance.randrange(self.probe_every) == 0:
                await self._probe(findings, f"after {number} ({operation.kind})", stream)
            if stream.chance.randrange(4 * self.probe_every) == 0:
                await self._diff(findings, f"after {number}", stream)
        await self._end(findings)
        return findings

    def _facts(self) -> list[Fact]:
        return list(self.measure._worlds[self.world].facts)  # all that was committed, which no port needs to tell

    async def _apply(self, findings: Findings, where: str, operation: Operation, leases: list[Lease]) -> None:
        asked = self._asked_inside(operation)
        made = [
            await _commit(store, lease, operation, f"key {where}", asked)
            for store, lease in zip((self.measure, self.tested), leases, strict=True)
        ]
        (measured, first, past), (tested, second, other) = made
        findings.compare("changes", where, measured, tested)
        if asked:
            for what, measure in past.items():
                findings.compare(what, f"{where} of {asked}", measure, other[what])
        findings.compare("commit", where, _timeless(first), _timeless(second))
        heads = [await store.head(self.world) for store in (self.measure, self.tested)]
        findings.compare("head", where, *(_timeless(head) for head in heads))

    def _asked_inside(self, operation: Operation) -> tuple[tuple[tuple[str, str], ...], int] | None:
        """Now and then: some properties, and since when their past is asked for inside the transaction."""
        if self.inside.randrange(4):
            return None
        names = ("reading", "reading_desired", "mode", "level", "depends_on")
        entities = sorted(
            {*RECORDS, *(str(fact.value) for fact in self._facts() if fact.name == ENTITY and fact.value)}
        )
        wanted = tuple((self.inside.choice(entities), self.inside.choice(names)) for _ in range(8))
        return wanted, operation.drafts[-1].now - self.inside.randrange(120) * MINUTE

    async def _probe(self, findings: Findings, where: str, stream: Operations) -> None:
        head = await self.measure.head(self.world)
        at = At(stream.instant(), stream.chance.randint(0, head.seq))
        facts = self._facts()
        entity, other = stream.entity(facts), stream.entity(facts)
        name = stream.chance.choice(("reading", "level", "mode", "depends_on", "located_in"))
        where = f"{where} at {at} of {entity}, {other}, {name}"
        world = self.world
        questions: dict[str, Callable[[Store], Awaitable[Any]]] = {
            "state": lambda store: store.state(world, at),
            "present": lambda store: store.state(world),
            "portions": lambda store: _portions(store, world, at),
            "entity": lambda store: store.entity(world, entity, at),
            "neighbourhood": lambda store: store.neighbourhood(world, entity, 3, at),
            "present neighbourhood": lambda store: store.neighbourhood(world, entity, 3),
            "paths": lambda store: store.paths(world, entity, other, max_hops=4, at=at),
            "claims": lambda store: store.claims(world, entity, name, at),
            "history": lambda store: store.history(world, entity, name),
            "samples": lambda store: store.samples(world, [(entity, "reading"), (other, "level")], at=at, limit=5),
            "fired": lambda store: store.fired(world, at=at, limit=5),
            "last_heard": lambda store: store.last_heard(world),
            "records_of": lambda store: store.records_of(world, RECORDS),
            "mapped": lambda store: store.mapped(world, RECORDS),
            "founded": lambda store: store.founded(world, [*RECORDS, entity, other]),
            "names_used": lambda store: store.names_used(world, ["reading", "depends_on", "located_in", "none"]),
            "entities_called": lambda store: store.entities_called(world, [*RECORDS, entity, other]),
            "identify": lambda store: store.identify(world, "serial", ["on", "off", "é", "none"]),
        }
        for what, ask in questions.items():
            findings.compare(what, where, await _answer(ask, self.measure), await _answer(ask, self.tested))
        hashes = [state_hash(await store.state(world, at)) for store in (self.measure, self.tested)]
        findings.compare("state hash", where, *hashes)

    async def _diff(self, findings: Findings, where: str, stream: Operations) -> None:
        head = await self.measure.head(self.world)
        before, after = stream.chance.randint(0, head.seq), stream.chance.randint(0, head.seq)
        measured, tested = [await store.diff(self.world, before, after) for store in (self.measure, self.tested)]
        findings.compare("diff", f"{where} of v{before} and v{after}", measured, tested)

    async def _end(self, findings: Findings) -> None:
        """The tested store agrees with itself, and deriving everything anew changes nothing."""
        for what, check in (("verify", self.tested.verify), ("rebuild", self.tested.rebuild)):
            findings.compare(what, "at the end", (), (await check(self.world)).problems)
        measured, tested = [await store.state(self.world) for store in (self.measure, self.tested)]
        findings.compare("rebuilt present", "at the end", measured, tested)
        hashes = [(await store.head(self.world)).hash for store in (self.measure, self.tested)]
        findings.compare("rebuilt hash", "at the end", *hashes)


async def _open(store: Store, world: str) -> Lease:
    await store.create_world(twin(world), NOON)
    return await store.acquire(world, "oracle", ttl=24 * TTL)


async def _commit(
    store: Store, lease: Lease, operation: Operation, key: str, asked: tuple[tuple[tuple[str, str], ...], int] | None
) -> tuple[list[Changes], Commit | None, dict[str, Any]]:
    async with store.begin(lease) as transaction:
        changes = [await transaction.write(draft) for draft in operation.drafts]
        inside = await _ask_inside(transaction, *asked) if asked else {}
        return changes, await transaction.commit(key, "oracle"), inside


async def _ask_inside(transaction: Transaction, wanted: tuple[tuple[str, str], ...], since: int) -> dict[str, Any]:
    """What the rule engine asks of a commit's past."""
    fired = await transaction.fired()
    keys = {premise.key for fact in fired for premise in firing_of(fact).premises}
    instants = [(key, instant) for key in sorted(keys) for instant in (since, since + 60 * MINUTE)]
    return {
        "spells": dict(await transaction.spells(wanted, since=since)),
        "fired inside": _without_evidence(fired),
        "claims at": _without_evidence(tuple(sorted((await transaction.claims_at(instants)).items()))),
    }


async def _portions(store: Store, world: str, at: At) -> list[Any]:
    """Every portion of three entities, the claims in it without what only the store names."""
    return [
        (one.entities, one.edges, {claim: fact._replace(evidence="") for claim, fact in one.claims.items()})
        async for one in store.portions(world, at, size=3)
    ]


async def _answer(ask: Callable[[Store], Awaitable[Any]], store: Store) -> Any:
    try:
        return _without_evidence(await ask(store))
    except NotFound:
        return "not found"


def _without_evidence(answer: Any) -> Any:
    """A store may name its own segment in a fact; everything else must be equal."""
    if isinstance(answer, tuple) and not hasattr(answer, "_fields"):
        return tuple(_without_evidence(one) for one in answer)
    if isinstance(answer, Fact):
        return answer._replace(evidence="")
    if hasattr(answer, "fact") and isinstance(answer.fact, Fact):
        return replace(answer, fact=answer.fact._replace(evidence=""))
    if hasattr(answer, "items"):
        return dict(answer)
    return answer


def _timeless(one: Head | Commit | None) -> Any:
    return replace(one, committed_at=0) if one else None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 3000 else f"{text[:3000]}… ({len(text)} characters)"
