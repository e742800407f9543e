"""RDF's benchmark: N-Quads from a state beside rdflib and a bare loop of formatting, and the memory that whole exports take."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import IO, Final

import pyoxigraph
import rdflib

from graphtwin.app.adapters import SystemClock
from graphtwin.errors import Unavailable
from graphtwin.methods.benchmarks.bench_figures import Figure, paired_ratios, spread
from graphtwin.methods.benchmarks.bench_readings import FIRST
from graphtwin.methods.benchmarks.bench_state import bench_drafts, bench_portions, bench_world
from graphtwin.methods.state.policy import Policy
from graphtwin.model.durations import HOUR
from graphtwin.ports import Store
from graphtwin.rdf.names import Names
from graphtwin.rdf.state_lines import StateLines
from graphtwin.store.neo4j import Neo4jStore
from graphtwin.store.server import ServerAddress

SENSORS: Final = 400
"""In the state that is formatted: some 60,000 statements."""
SMALL, LARGE = 640, 6_400
"""In the worlds that are exported whole: about a hundred thousand statements, and a million."""
WARM_UP: Final = 2
ROUNDS: Final = 9

Quad = tuple[str, str, str, str, str]
"""Subject, predicate, object, the object's datatype ("" for an IRI), graph."""
Write = Callable[[IO[bytes]], None]


async def measure_rdf(
    address: ServerAddress,
    folder: Path,
    *,
    sensors: int = SENSORS,
    worlds: tuple[int, int] = (SMALL, LARGE),
    warm_up: int = WARM_UP,
    rounds: int = ROUNDS,
) -> dict[str, Figure]:
    """Every figure of RDF. What is formatted goes nowhere (the null device), the same way for all, and CPU time is measured:
    a busy machine moves it least. Whole exports are measured in processes of their own.
    """
    exports = [await _export_alone(address, folder, sensors_of) for sensors_of in worlds]
    formatted = _Formatted(sensors)
    taken = [formatted.round(number) for number in range(warm_up + rounds)][warm_up:]
    return _figures(formatted.count, taken, warm_up, exports)


# --- formatting ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Round:
    """CPU seconds of one round."""

    ours: float
    bare: float
    rdflib: float
    filled: float


class _Formatted:
    """One state in the forms that each way begins from: portions, plain texts, rdflib's terms in its store."""

    def __init__(self, sensors: int) -> None:
        self._policy = Policy(bench_world("bench"))
        self._portions = list(bench_portions(sensors))
        lines = BytesIO()
        self._write_ours(lines)
        self._quads = _quads(lines.getvalue())
        self.count = len(self._quads)
        self._dataset = _filled(self._quads)
        gc.collect()
        gc.freeze()  # what the comparison holds is no part of what it measures

    def round(self, number: int) -> _Round:
        """Each way once; the order turns with each round."""
        ways: list[tuple[str, Write]] = [
            ("ours", self._write_ours),
            ("bare", self._write_bare),
            ("rdflib", lambda out: _write_rdflib(self._dataset, out)),
            ("filled", lambda out: _write_rdflib(_filled(self._quads), out)),
        ]
        turn = number % len(ways)
        return _Round(**{name: _cpu(write) for name, write in (*ways[turn:], *ways[:turn])})

    def _write_ours(self, out: IO[bytes]) -> None:
        names = Names("urn:graphtwin:bench/")
        lines = StateLines(names, self._policy, valid=0, end=f" {names.version(1)} .\n")
        for portion in self._portions:
            for text in lines.of(portion):
                out.write(text.encode())

    def _write_bare(self, out: IO[bytes]) -> None:
        """The least that a loop over statements can do: a line each by one formatted text, literals escaped."""
        pending: list[str] = []
        for subject, predicate, said, datatype, graph in self._quads:
            if not datatype:
                pending.append(f"<{subject}> <{predicate}> <{said}> <{graph}> .\n")
            elif datatype == _STRING:
                pending.append(f'<{subject}> <{predicate}> "{said.translate(_ESCAPES)}" <{graph}> .\n')
            else:
                pending.append(f'<{subject}> <{predicate}> "{said.translate(_ESCAPES)}"^^<{datatype}> <{graph}> .\n')
            if len(pending) == _PENDING:
                out.write("".join(pending).encode())
                pending.clear()
        out.write("".join(pending).encode())


_STRING: Final = str(rdflib.XSD.string)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
_PENDING: Final = 4_096


def _quads(lines: bytes) -> list[Quad]:
    found = []
    for quad in pyoxigraph.parse(lines, format=pyoxigraph.RdfFormat.N_QUADS):
        said = quad.object
        datatype = said.datatype.value if isinstance(said, pyoxigraph.Literal) else ""
        found.append((quad.subject.value, quad.predicate.value, said.value, datatype, quad.graph_name.value))
    return found


def _filled(quads: Sequence[Quad]) -> rdflib.Dataset:
    dataset = rdflib.Dataset()
    for subject, predicate, said, datatype, graph in quads:
        term = rdflib.Literal(said, datatype=rdflib.URIRef(datatype)) if datatype else rdflib.URIRef(said)
        dataset.add((rdflib.URIRef(subject), rdflib.URIRef(predicate), term, rdflib.URIRef(graph)))  # type: ignore[arg-type]
    return dataset


def _write_rdflib(dataset: rdflib.Dataset, out: IO[bytes]) -> None:
    dataset.serialize(out, format="nquads", encoding="utf-8")


def _cpu(write: Write) -> float:
    with Path(os.devnull).open("wb") as out:
        began = process_time()
        write(out)
        return process_time() - began


# --- whole exports -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Export:
    """A world that was written by a process of its own: its statements, the process's peak of memory, wall seconds."""

    statements: int
    peak: float
    seconds: float


async def _export_alone(address: ServerAddress, folder: Path, sensors: int) -> _Export:
    world = f"{folder.name}-rdf-{sensors}"
    out = folder / f"{world}.nq"
    store = Neo4jStore(address.uri, auth=address.auth, database=address.database, clock=SystemClock())
    await store.open()
    try:
        await _make(store, world, sensors)
    finally:
        await store.close()
    peak, seconds = await asyncio.to_thread(_run_alone, address, world, out)
    with out.open("rb") as lines:
        return _Export(sum(1 for _ in lines), peak, seconds)


async def _make(store: Store, world: str, sensors: int) -> None:
    """The world in the database, a commit after the other."""
    await store.create_world(bench_world(world), FIRST)
    lease = await store.acquire(world, "bench", ttl=HOUR)
    for number, draft in enumerate(bench_drafts(sensors)):
        async with store.begin(lease) as transaction:
            await transaction.write(draft)
            await transaction.commit(f"commit-{number}", "bench")
    await store.release(lease)


def _run_alone(address: ServerAddress, world: str, out: Path) -> tuple[float, float]:
    """(peak bytes, wall seconds), as the process itself tells them."""
    environment = {
        **os.environ,
        "GRAPHTWIN_NEO4J__URI": address.uri,
        "GRAPHTWIN_NEO4J__USER": address.user,
        "GRAPHTWIN_NEO4J__PASSWORD": address.password,
        "GRAPHTWIN_NEO4J__DATABASE": address.database,
    }
    command = [sys.executable, "-m", "graphtwin.app.bench_export", world, str(out)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"The export of {world} failed: {done.stderr.strip()[-500:]}", hint="Try: graphtwin doctor")
    peak, seconds = done.stdout.split()
    return float(peak), float(seconds)


# --- figures -------------------------------------------------------------------------------------------------------


def _figures(count: int, taken: Sequence[_Round], warm_up: int, exports: Sequence[_Export]) -> dict[str, Figure]:
    ours = [one.ours for one in taken]
    per_rdflib = spread(paired_ratios([one.rdflib for one in taken], ours))
    per_filled = spread(paired_ratios([one.filled for one in taken], ours))
    per_bare = spread(paired_ratios([one.bare for one in taken], ours))
    rate = spread([count / one for one in ours])
    small, large = exports
    warm = f"CPU time, after {warm_up} rounds of warming up, all in turns"
    return {
        "nquads_per_rdflib": Figure(
            per_rdflib.middle, "ratio", "higher",
            f"{count} statements written as N-Quads from a state in memory, over rdflib writing the same ones, which it holds"
            f" already; {per_rdflib}, {warm}",
            floor=10.0, goal=20.0,
        ),
        "nquads_per_rdflib_from_text": Figure(
            per_filled.middle, "ratio", "higher",
            f"the same, with making rdflib's terms and filling its store; {per_filled}",
        ),
        "nquads_per_bare_writer": Figure(
            per_bare.middle, "ratio", "higher",
            f"the same over a bare loop that formats each of the statements, given as texts; {per_bare}, {warm}",
            goal=0.7,
        ),
        "rss_1m_per_100k": Figure(
            large.peak / small.peak, "ratio", "lower",
            f"peak memory of exporting {large.statements} statements ({large.peak / _MIB:.0f} MiB) out of the database, over"
            f" that of {small.statements} ({small.peak / _MIB:.0f} MiB), each in a process of its own; once",
            floor=1.3,
        ),
        "nquads": Figure(rate.middle, "quads/s", "higher", f"from a state in memory, of CPU time; {rate}"),
        "export_quads": Figure(
            large.statements / large.seconds, "quads/s", "higher",
            "of wall time, out of the database, read and written in portions; once",
        ),
    }  # fmt: skip


_MIB: Final = 2**20
