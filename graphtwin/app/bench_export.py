"""A program of the benchmarks: exports a world as N-Quads, and prints the peak of its memory (bytes) and the wall seconds."""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path
from time import perf_counter

from graphtwin.app.connect import connect
from graphtwin.app.inspection import read_at
from graphtwin.rdf import Form, export
from graphtwin.settings import load_settings


async def export_world(world: str, out: Path) -> float:
    """The wall seconds that it took."""
    async with connect(load_settings()) as store:
        at = await read_at(store, world, at=None, known_at=None, version=None)
        began = perf_counter()
        with out.open("wb") as file:
            await export(store, world, at, file, form=Form.NQ)
        return perf_counter() - began


def peak_bytes() -> int:
    """The most memory that this process ever held. Where the system doesn't tell it of this program alone, what was held
    before the program was loaded counts, too.
    """
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    seconds = asyncio.run(export_world(sys.argv[1], Path(sys.argv[2])))
    sys.stdout.write(f"{peak_bytes()} {seconds}\n")
