"""Generated histories that are rolled back, held against what S31 promises, computed from their facts by definition."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from contracts.operations import RECORDS, Operation, Operations
from contracts.scene import HOT, MINUTE, NOON, STAND_INS, TTL, SteppingClock, decide, twin
from fakes.no_log import NoLog
from fakes.person import Person

from graphtwin.methods.state.as_of import as_of
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.model.commit import Commit, Draft
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import BEGIN, ENTITY, RANK, ROSTER, TYPE, Fact
from graphtwin.model.plan import RestorePoint
from graphtwin.model.principal import Role
from graphtwin.model.state import At, Edge, EntityState, Held, State
from graphtwin.ports import Store
from graphtwin.steps.state_transition import state_transition
from graphtwin.store.memory import MemoryStore
from graphtwin.store.memory.world import World, moment
from graphtwin.workflows.restoring import Restored, Word, restore_run, restore_to

RULES = (replace(HOT, writes=frozenset({"mode"})),)
RUN = "act-1"
"""The run that acts, and is rolled back."""


async def rolled_back(seed: int, length: int, back: int, *others: Store) -> None:
    """A history of `length` operations is rolled back by `back` versions, goes on, and is rolled back again."""
    history = await History.begin(seed, others)
    await history.live(length)
    await _check_restore_to(history, back)
    await history.live(2)
    await _check_restore_to(history, back)


async def acted(seed: int, length: int, between: int, *others: Store) -> None:
    """A run decides twice after a history, with operations of others in between, and is rolled back."""
    history = await History.begin(seed, others)
    await history.live(length)
    point = history.point(history.held.commits[-1])
    await history.act()
    await history.live(between)
    await history.act()
    await _check_restore_run(history, point)


@dataclass
class History:
    """One past in several stores, under a name of its own in each; the first store, in memory, is the measure."""

    measure: MemoryStore
    stores: tuple[Store, ...]
    stream: Operations
    person: Person
    commits: int = 0

    @classmethod
    async def begin(cls, seed: int, others: Sequence[Store]) -> History:
        measure = MemoryStore(SteppingClock(), STAND_INS)
        world = f"history-{uuid4().hex[:12]}"
        person = Person(world, "anna", Role.APPROVER, NOON)
        history = cls(measure, (measure, *others), Operations(seed, world), person)
        for store in history.stores:
            await store.create_world(twin(world), NOON)
            lease = await store.acquire(world, "users", ttl=TTL)
            async with store.begin(lease) as transaction:
                await transaction.record(person.added())
                await transaction.commit("users", "users")
            await store.release(lease)
        await history._commit(history.stream.first(), "births")
        return history

    @property
    def world(self) -> str:
        return self.stream.world

    @property
    def held(self) -> World:
        """All that was committed, which no port needs to tell."""
        return self.measure._worlds[self.world]

    @property
    def config(self) -> TwinConfig:
        return self.held.configuration(self.held.head.seq)

    @property
    def word(self) -> Word:
        return Word(self.config, RULES, self.person.principal.id, "generated", self.person.sign)

    def now(self) -> int:
        """The clock of the history."""
        return self.stream.now

    def point(self, commit: Commit) -> RestorePoint:
        return RestorePoint(
            self.world, f"v{commit.seq}", commit.seq, commit.hash, commit.version_id, commit.configuration,
            commit.valid, f"rollback-{len(self.held.commits)}",
        )  # fmt: skip

    async def live(self, operations: int) -> None:
        """What sources, people and time may do, with the rules after each commit."""
        for _ in range(operations):
            operation = self.stream.next(list(self.held.facts), self.held.moment().state)
            await self._commit(operation, f"op-{self.commits}")

    async def act(self) -> None:
        """What a run decides: wishes, expectations and inferences, on records of its own or of others (S31)."""
        decided = [fact for _ in range(self.stream.chance.randrange(1, 6)) for fact in self._decided()]
        await self._commit(Operation("act", (Draft(self.stream.now, tuple(decided)),)), f"{RUN}:{self.commits}")

    def _decided(self) -> list[Fact]:
        chance, event = self.stream.chance, self.stream._event()
        layer, kind = chance.choice((("desired", "constraint"), ("expected", "prediction"), ("reported", "inference")))
        at = chance.choice((self.stream.now, self.stream.now, self.stream._when(), self.stream.now + 10 * MINUTE))
        said: dict[str, Any] = {"event": event, "run": RUN}
        drawn = chance.random()
        if drawn < 0.3:
            own = f"plan:{event}"
            return [
                decide(own, TYPE, "sensor", BEGIN, **said),
                decide(own, ENTITY, chance.choice(RECORDS), BEGIN, **said),
                decide(own, "mode", "held", at, layer=layer, kind=kind, **said),
            ]
        op = chance.choice(("assert", "assert", "end", "withdraw"))
        cells = [fact for fact in self.held.facts if fact.name not in {TYPE, ENTITY, ROSTER} and fact.op == "assert"]
        if cells and drawn < 0.6:
            cell = chance.choice(cells)
            value = cell.value if op == "assert" else None
            return [
                decide(cell.record, cell.name, value, cell.valid_from, op=op, layer=cell.layer, object=cell.object, **said)
            ]  # fmt: skip
        name = chance.choice(("reading", "mode", "level"))
        value = self.stream._value(name) if op == "assert" else None
        return [decide(chance.choice(RECORDS), name, value, at, op=op, layer=layer, kind=kind, **said)]

    async def _commit(self, operation: Operation, run: str) -> None:
        self.commits += 1
        known, first = {fact.id for fact in self.held.facts}, operation.drafts[0]
        given = [draft.configuration for draft in operation.drafts if draft.configuration is not None]
        config = TwinConfig.model_validate(given[-1]) if given else self.config
        fresh = [fact for fact in first.facts if fact.id not in known]
        valid = as_of(self.held.head.valid, first.now, fresh, config)
        for store in self.stores:
            lease = await store.acquire(self.world, run, ttl=TTL)
            async with store.begin(lease) as transaction:
                for draft in operation.drafts:
                    await transaction.write(draft)
                await state_transition(transaction, RULES, Policy(config), now=first.now, valid=valid, run=run)
                await transaction.commit(run, run)
            await store.release(lease)

    async def without(self, left_out: Collection[Fact]) -> tuple[State, Sequence[Fact], int]:
        """The state that all facts but those left out make at (V now, now) under the head's configuration, when the rules
        run on it; its facts; and how many of these the rules added.
        """
        head, config = self.held.head, self.config
        valid = max(head.valid, self.stream.now)
        gone = {fact.id for fact in left_out}
        kept = [fact for fact in self.held.facts if fact.id not in gone]
        apart = MemoryStore(SteppingClock(), STAND_INS)
        apart._worlds[self.world] = replace(self.held, head=replace(head, valid=valid), facts=kept)
        lease = await apart.acquire(self.world, "apart", ttl=TTL)
        async with apart.begin(lease) as transaction:
            await transaction.write(Draft(valid))
            moved = await state_transition(transaction, RULES, Policy(config), now=valid, valid=valid, run="apart")
            facts = [*kept, *transaction._facts]
        return moment(facts, config, At(valid, head.seq + 1)).state, facts, len(moved.derived)


async def _check_restore_to(history: History, back: int) -> None:
    """Every store is rolled back to the version `back` versions before its head."""
    head = history.held.head
    target = history.held.commits[max(1, head.seq - back)]
    known = [fact for fact in history.held.facts if fact.seq <= target.seq]
    expected, facts, derived = await history.without([fact for fact in history.held.facts if fact.seq > target.seq])

    point, word = history.point(target), history.word
    restored = [await restore_to(store, NoLog(), point, word, clock=history) for store in history.stores]

    await _hold(history, restored, expected, facts)
    valid = history.held.head.valid
    if not derived:
        assert history.held.head.hash == state_hash(moment(known, history.config, At(valid, target.seq)).state)
    if target.configuration == head.configuration and not any(target.valid < one.valid_from <= valid for one in known):
        assert (history.held.head.hash, restored[0].differs) == (target.hash, ())


async def _check_restore_run(history: History, point: RestorePoint) -> None:
    """What the run decided after the restore point is taken back in every store."""
    before, word = list(history.held.facts), history.word
    decided = [one for one in before if one.seq > point.seq and one.prio >= RANK and one.run.startswith(RUN)]
    expected, facts, _ = await history.without(decided)

    restored = [await restore_run(store, NoLog(), point, RUN, word, clock=history) for store in history.stores]

    await _hold(history, restored, expected, facts)
    own = {(fact.key, fact.valid_from) for fact in decided}
    written = history.held.facts[len(before) :]
    assert {(fact.key, fact.valid_from) for fact in written if fact.source != "rule"} <= own
    due = await history.measure.fallen_due(history.world, point.seq, until=history.held.head.valid)
    if not restored[0].between and not due:
        assert (history.held.head.hash, restored[0].differs) == (point.hash, ())
    again = [await restore_run(store, NoLog(), point, RUN, word, clock=history) for store in history.stores]
    assert [one.hash_after for one in again] == [one.hash_after for one in restored]
    assert len(history.held.facts) == len(before) + len(written)


async def _hold(history: History, restored: Sequence[Restored], expected: State, facts: Iterable[Fact]) -> None:
    """The stores agree with each other and with the definition, now, before and ahead of now, and with themselves."""
    head, first, promised = history.held.head, restored[0], list(facts)
    ahead = [head.valid + history.stream.chance.randrange(-8 * 60, 4 * 60) * MINUTE for _ in range(3)]
    for one, store in zip(restored, history.stores, strict=True):
        assert (await store.head(history.world)).hash == one.hash_after == state_hash(expected)
        assert _plain(await store.state(history.world)) == _plain(expected)
        for valid in ahead:
            read = moment(promised, history.config, At(valid, head.seq)).state
            assert _plain(await store.state(history.world, At(valid, head.seq))) == _plain(read)
        assert (one.cells, one.changes, one.differs) == (first.cells, first.changes, first.differs)
        assert (await store.verify(history.world)).problems == ()


def _plain(state: State) -> Any:
    """A state without the instant it was read at, and without the ids of facts: these are said again."""
    entities = {one.id: _plain_entity(one) for one in state.entities.values()}
    edges = {key: _plain_edge(edge) for key, edge in state.edges.items()}
    return entities, edges, sorted((replace(one, fact="") for one in state.loose), key=str)


def _plain_entity(one: EntityState) -> EntityState:
    layers = {layer: _plain_values(one.layer(layer)) for layer in ("reported", "desired", "expected")}  # type: ignore[arg-type]
    return replace(one, **layers)  # type: ignore[arg-type]


def _plain_edge(edge: Edge) -> Edge:
    return replace(edge, held=replace(edge.held, fact=""), attributes=_plain_values(edge.attributes))


def _plain_values(values: Mapping[str, Held]) -> dict[str, Held]:
    return {name: replace(held, fact="") for name, held in values.items()}
