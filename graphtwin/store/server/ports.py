"""Ports on the loopback that nobody else listens on."""

from __future__ import annotations

import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"


def free_ports(wanted: tuple[int, int]) -> tuple[int, int]:
    """Each wanted port if it's free now, else (or for 0) one that the system hands out; never the same twice.

    Somebody may still take one before the server does: the start then fails by name and is tried again with others.
    """
    with ExitStack() as held:
        return _bind(wanted[0], held), _bind(wanted[1], held)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _bind(port: int, held: ExitStack) -> int:
    for candidate in (port, 0):
        listener = held.enter_context(socket.socket())
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for a listener
        try:
            listener.bind((LOOPBACK, candidate))
            listener.listen()
        except OSError:
            continue
        return int(listener.getsockname()[1])
    raise OSError("the system has no free port on the loopback")
