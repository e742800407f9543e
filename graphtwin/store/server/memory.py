"""How much memory the embedded server may take on this machine."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from graphtwin.settings import Neo4jSettings

MIB = 2**20
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """In MiB. One transaction may use half the heap, all together 70 %, so that one big commit can't end the server."""

    heap: int
    page_cache: int

    @property
    def transaction(self) -> int:
        return self.heap // 2

    @property
    def all_transactions(self) -> int:
        return self.heap * 7 // 10


def plan_memory(settings: Neo4jSettings, machine_mb: int) -> MemoryPlan:
    """A quarter of the machine for the heap and an eighth for the page cache, within bounds, unless the settings say."""
    return MemoryPlan(
        heap=settings.heap_mb or _within(machine_mb // 4, 512, 8192),
        page_cache=settings.page_cache_mb or _within(machine_mb // 8, 128, 8192),
    )


def machine_memory_mb(cgroup_limit: Path = CGROUP_LIMIT) -> int:
    """The memory of the machine, or of the container if that is less, in MiB."""
    total = psutil.virtual_memory().total
    with suppress(OSError, ValueError):  # no such limit: another system, or the file says "max"
        total = min(total, int(cgroup_limit.read_text()))
    return int(total // MIB)


def _within(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))
