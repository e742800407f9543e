"""Names a process so that its id is never given to another: pid, boot and start."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil


def boot() -> str:
    """The first letters of the kernel's boot id; "" where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
    except OSError:
        return ""


def process_id(process: psutil.Process, booted: str) -> str:
    """`<pid>@<boot>.<start>`; raises psutil.NoSuchProcess when it is gone.

    On Linux the start is counted in clock ticks since boot: the wall-clock start that psutil shows moves when the
    clock is set, and then every process would seem new.
    """
    if sys.platform == "linux":
        return f"{process.pid}@{booted}.{_start_ticks(process.pid)}"
    return f"{process.pid}@{process.create_time():.2f}"


def _start_ticks(pid: int) -> int:
    """Field 22 of /proc/<pid>/stat; the name in field 2 may hold spaces and brackets, so count from its end."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError as error:
        raise psutil.NoSuchProcess(pid) from error
    return int(stat.rpartition(b")")[2].split()[19])
