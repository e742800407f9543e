"""The loop's benchmark: a commit beside a raw load of the same rows, and a whole sync beside its commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Final

import yaml

from graphtwin.app.adapters import SystemClock
from graphtwin.app.sync import sync_in
from graphtwin.methods.benchmarks.bench_figures import Figure, paired_ratios, shares, spread
from graphtwin.methods.benchmarks.bench_readings import VARIABLES, bench_twin, one_value_lines, whole_lines
from graphtwin.model.commit import AuditEntry, Draft
from graphtwin.model.configuration.load import load_input
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import HOUR
from graphtwin.ports import Store
from graphtwin.sources.file import FileSource
from graphtwin.steps.integrate import integrate
from graphtwin.steps.receive import receive
from graphtwin.steps.transform import transform
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.neo4j.raw_load import RawLoad
from graphtwin.store.server import ServerAddress
from graphtwin.workflows.run import Phase

SENSORS: Final = 2_000
"""With five variables each: 10,000 values, as many events where each comes alone."""
WARM_UP: Final = 3
"""Rounds that aren't counted: the server compiles its plans and its code meanwhile."""
ROUNDS: Final = 5

Lines = Callable[[int, int], Iterator[bytes]]


async def measure_loop(
    address: ServerAddress, folder: Path, *, sensors: int = SENSORS, warm_up: int = WARM_UP, rounds: int = ROUNDS
) -> dict[str, Figure]:
    """Every figure of the loop. Each round measures all that is compared, one after the other, from the same readings."""
    store = Neo4jStore(address.uri, auth=address.auth, database=address.database, clock=SystemClock())
    raw = RawLoad(address.uri, auth=address.auth, database=address.database, world=f"{folder.name}-raw")
    await store.open()
    try:
        worlds = _Worlds(
            raw=raw,
            synced=await _World.make(store, folder, "sync", one_value_lines, sensors),
            committed=await _World.make(store, folder, "commit", one_value_lines, sensors),
            whole=await _World.make(store, folder, "whole", whole_lines, sensors // 2),
        )
        await raw.open(f"readings:s{number:05d}" for number in range(sensors))
        taken = [await _round(worlds, number) for number in range(1, warm_up + rounds + 1)]
    finally:
        await raw.close()
        await store.close()
    return _figures(taken[warm_up:], warm_up)


@dataclass
class _World:
    """A world on disk and in the store, and how it is read."""

    store: Store
    twin: Path
    config: TwinConfig
    lines: Lines
    sensors: int

    @classmethod
    async def make(cls, store: Store, folder: Path, name: str, lines: Lines, sensors: int) -> _World:
        """With its baseline."""
        place = folder / name
        place.mkdir()
        twin = place / "twin.yaml"
        twin.write_text(yaml.safe_dump(bench_twin(f"{folder.name}-{name}"), sort_keys=False), "utf-8")
        world = cls(store, twin, load_input(twin).config, lines, sensors)
        world.say(0)
        await sync_in(store, twin)
        return world

    def say(self, number: int) -> None:
        """The file holds this round's readings and no others."""
        (self.twin.parent / "readings.jsonl").write_bytes(b"".join(self.lines(number, self.sensors)))

    async def draft(self, number: int) -> Draft:
        """What a sync of this round's readings would commit."""
        config = self.config
        head = await self.store.head(config.world.id)
        source = FileSource("readings", config.sources["readings"], self.twin.parent)
        cursors = await self.store.cursors(config.world.id)
        received = await receive([source], cursors, full=False, now=head.valid)
        read = transform(received.readings, config, run=f"round-{number}", now=head.valid)
        found = integrate(
            read.facts, read.events, read.evidence, read.quarantined, known_events=(), heard={}, rosters={}, config=config
        )  # fmt: skip
        return found.draft(read.newest_event or head.valid, received.cursors)

    async def commit(self, draft: Draft, key: str) -> None:
        """Everything that a commit is: lease, lock, write, audit, version, release."""
        lease = await self.store.acquire(self.config.world.id, "bench", ttl=HOUR)
        async with self.store.begin(lease) as transaction:
            await transaction.write(draft)
            await transaction.record([AuditEntry("sync", draft.now, key, {"facts": len(draft.facts)})])
            await transaction.commit(key, key)
        await self.store.release(lease)


@dataclass(frozen=True)
class _Worlds:
    """What is measured in turns. All but the raw load begin each round in equal states."""

    raw: RawLoad
    synced: _World
    committed: _World
    whole: _World


@dataclass
class _Round:
    """The seconds of one round, and how much was written in them."""

    events: int = 0
    claims: int = 0
    whole_claims: int = 0
    raw: float = 0.0
    commit: float = 0.0
    raw_whole: float = 0.0
    commit_whole: float = 0.0
    sync: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)


async def _round(worlds: _Worlds, number: int) -> _Round:
    """The order turns with each round, so that none of them always follows the same other."""
    for world in (worlds.synced, worlds.committed, worlds.whole):
        world.say(number)
    draft, whole = await worlds.committed.draft(number), await worlds.whole.draft(number)
    taken = _Round(len(draft.events), len(draft.facts), len(whole.facts))

    async def raw() -> None:
        taken.raw = await _seconds(worlds.raw.load(draft.facts))

    async def raw_whole() -> None:
        taken.raw_whole = await _seconds(worlds.raw.load(whole.facts))

    async def commit() -> None:
        taken.commit = await _seconds(worlds.committed.commit(draft, f"round-{number}"))

    async def commit_whole() -> None:
        taken.commit_whole = await _seconds(worlds.whole.commit(whole, f"round-{number}"))

    async def sync() -> None:
        watch = StepWatch()
        taken.sync = await _seconds(sync_in(worlds.synced.store, worlds.synced.twin, on_step=watch))
        taken.steps = watch.parts_of(taken.sync)

    turns = [raw, commit, sync, raw_whole, commit_whole]
    turn = number % len(turns)
    for one in (*turns[turn:], *turns[:turn]):
        await one()
    return taken


async def _seconds(work: Awaitable[object]) -> float:
    began = perf_counter()
    await work
    return perf_counter() - began


class StepWatch:
    """Hears a sync's steps begin and end, and knows how many seconds each took."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}
        self._took: dict[str, float] = {}

    def __call__(self, step: str, phase: Phase) -> None:
        """A step begins, ends or is skipped."""
        if phase == "start":
            self._began[step] = perf_counter()
        elif phase == "end":
            self._took[step] = self._took.get(step, 0.0) + perf_counter() - self._began[step]

    def parts_of(self, whole: float) -> dict[str, float]:
        """Seconds by step; what lies between them (lease, lock, the commit itself, writing the report) is `between`."""
        return {**self._took, "between": max(0.0, whole - sum(self._took.values()))}


def _figures(taken: Sequence[_Round], warm_up: int) -> dict[str, Figure]:
    one, warm = taken[0], f"after {warm_up} rounds of warming up, all in turns"
    per_raw = spread(paired_ratios([r.raw for r in taken], [r.commit for r in taken]))
    whole = spread(paired_ratios([r.raw_whole for r in taken], [r.commit_whole for r in taken]))
    per_commit = spread(paired_ratios([r.sync for r in taken], [r.commit for r in taken]))
    raw_rate = spread([r.claims / r.raw for r in taken])
    rate = spread([r.claims / r.commit for r in taken])
    events = spread([r.events / r.sync for r in taken])
    steps = shares([r.steps for r in taken])
    return {
        "commit_per_raw": Figure(
            per_raw.middle, "ratio", "higher",
            f"{one.claims} claims of {one.events} events in one transaction with everything that a commit does, over the"
            f" same {one.claims} rows by UNWIND, MATCH, CREATE and a relationship in the raw driver; {per_raw}, {warm}",
            floor=0.12, goal=0.25,
        ),
        "commit_per_raw_wide": Figure(
            whole.middle, "ratio", "higher",
            f"the same with {one.whole_claims} claims of messages that carry {len(VARIABLES)} values each; {whole}",
            floor=0.12, goal=0.25,
        ),
        "sync_per_commit": Figure(
            per_commit.middle, "ratio", "lower",
            f"a whole sync of {one.events} events from a file of JSON lines, over the commit of an equal draft;"
            f" {per_commit}, {warm}",
            floor=4.0, goal=2.0,
        ),
        "raw_rows": Figure(raw_rate.middle, "rows/s", "higher", f"the raw driver's rate; {raw_rate}"),
        "commit_claims": Figure(rate.middle, "claims/s", "higher", f"a commit's rate; {rate}"),
        "sync_events": Figure(events.middle, "events/s", "higher", f"a sync's rate; {events}"),
        **{
            f"share_{step}": Figure(share, "share", "lower", f"of the whole sync; median of {len(taken)}")
            for step, share in steps.items()
        },
    }  # fmt: skip
