"""Reads the machine's processes; secrets in command lines are masked before they are printed."""

from __future__ import annotations

import sys
import time

import psutil
from lines import emit, now
from masking import masked
from process_ids import boot, process_id

MIN_AGE = 1.0
"""Seconds a process must have lived: the programs that come and go within one reading are noise."""
MOST = 2_000
LONGEST = 4_000
"""Letters of a command line that are kept."""
FIELDS = ["name", "cmdline", "ppid", "username", "status", "create_time", "cpu_times", "memory_info"]
GONE = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


def main() -> None:
    """One line of kind process each, the longest-lived first; kernel threads and zombies are left out. A last line says
    of the host how many there were: what rests on a process that isn't there rests on this reading.
    """
    booted = boot()
    alive = psutil.process_iter(FIELDS, ad_value=None)
    oldest_first = sorted(alive, key=lambda process: (process.info["create_time"] or 0.0, process.pid))
    printed = 0
    for process in oldest_first:
        if printed == MOST:
            break
        if is_wanted(process):
            printed += print_process(process, booted)
    emit("host", "localhost", now(), processes=printed)


def is_wanted(process: psutil.Process) -> bool:
    """A program that runs, and has for a moment."""
    info = process.info
    kernel_thread = sys.platform == "linux" and (process.pid == 2 or info["ppid"] == 2)  # noqa: PLR2004 - kthreadd
    young = info["create_time"] is not None and time.time() - info["create_time"] < MIN_AGE
    return not (kernel_thread or young or info["status"] in GONE)


def print_process(process: psutil.Process, booted: str) -> bool:
    """Print its line; False when it ended meanwhile."""
    info = process.info
    try:
        own_id = process_id(process, booted)
    except psutil.Error:
        return False
    cpu, memory = info["cpu_times"], info["memory_info"]
    emit(
        "process",
        own_id,
        now(),
        pid=process.pid,
        ppid=info["ppid"],
        name=info["name"],
        cmdline=masked(info["cmdline"] or [])[:LONGEST] or info["name"],
        username=info["username"],
        status=info["status"],
        cpu_seconds=round(cpu.user + cpu.system, 2) if cpu else None,
        rss_bytes=memory.rss if memory else None,
    )
    return True


if __name__ == "__main__":
    main()
