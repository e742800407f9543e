"""Reads the machine itself: processor, load and memory."""

from __future__ import annotations

import os
import platform

import psutil
from lines import emit, now

INTERVAL = 0.2
"""Seconds over which the processor's use is measured."""


def main() -> None:
    """One line of kind host; its id is always localhost, since a collector speaks of the machine it runs on."""
    cpu = psutil.cpu_percent(interval=INTERVAL)
    cores = psutil.cpu_count() or 1
    load_1m, load_5m, _ = os.getloadavg()
    memory = psutil.virtual_memory()
    emit(
        "host",
        "localhost",
        now(),
        hostname=platform.node(),
        system=f"{platform.system()} {platform.release()}",
        cores=cores,
        cpu_percent=cpu,
        load_1m=round(load_1m, 3),
        load_5m=round(load_5m, 3),
        load_per_core=round(load_1m / cores, 3),
        memory_total=memory.total,
        memory_percent=memory.percent,
        boot_seconds=int(psutil.boot_time()),
    )


if __name__ == "__main__":
    main()
