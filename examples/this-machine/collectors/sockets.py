"""Reads the TCP sockets that something listens on, and which process that is where we may know it."""

from __future__ import annotations

from typing import NamedTuple

import psutil
from lines import emit, now
from process_ids import boot, process_id


class Listening(NamedTuple):
    address: str
    port: int
    pid: int | None


def main() -> None:
    """One line of kind endpoint each; its id is `<port>@<address>`."""
    booted = boot()
    seen: set[str] = set()
    for socket in listening():
        local_id = f"{socket.port}@{socket.address}"
        if local_id not in seen:
            seen.add(local_id)
            emit(
                "endpoint",
                local_id,
                now(),
                address=socket.address,
                port=socket.port,
                pid=socket.pid,
                process=owner(socket.pid, booted),
            )


def listening() -> list[Listening]:
    """Every listening socket; where the system hides those of other users, our own. Lowest pid first."""
    try:
        found = [
            Listening(_plain(one.laddr.ip), one.laddr.port, one.pid)
            for one in psutil.net_connections("tcp")
            if one.status == psutil.CONN_LISTEN and one.laddr
        ]
    except psutil.AccessDenied:
        found = [socket for process in psutil.process_iter() for socket in _of(process)]
    return sorted(found, key=lambda socket: socket.pid or 0)


def _of(process: psutil.Process) -> list[Listening]:
    try:
        connections = process.net_connections("tcp")
    except psutil.Error:
        return []
    return [
        Listening(_plain(one.laddr.ip), one.laddr.port, process.pid)
        for one in connections
        if one.status == psutil.CONN_LISTEN and one.laddr
    ]


def _plain(address: str) -> str:
    """Without zone, and an IPv4 address as such also where an IPv6 socket takes it."""
    return address.partition("%")[0].removeprefix("::ffff:")


def owner(pid: int | None, booted: str) -> str | None:
    """The id that processes.py gives the process; None when it is unknown or gone."""
    if not pid:
        return None
    try:
        return process_id(psutil.Process(pid), booted)
    except psutil.Error:
        return None


if __name__ == "__main__":
    main()
