"""Reads the machine's network interfaces: whether they are up, their addresses, what they carried."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import psutil
from lines import emit, now


def main() -> None:
    """One line of kind interface each."""
    addresses = psutil.net_if_addrs()
    counters = psutil.net_io_counters(pernic=True)
    for name, stats in sorted(psutil.net_if_stats().items()):
        carried = counters.get(name)
        emit(
            "interface",
            name,
            now(),
            is_up=stats.isup,
            mtu=stats.mtu,
            speed_mbit=stats.speed or None,
            addresses=", ".join(sorted(_internet((one.family, one.address) for one in addresses.get(name, ()))))
            or None,
            bytes_sent=carried.bytes_sent if carried else None,
            bytes_received=carried.bytes_recv if carried else None,
            errors=carried.errin + carried.errout if carried else None,
        )


def _internet(addresses: Iterable[tuple[int, str]]) -> list[str]:
    """The IPv4 and IPv6 addresses, without zone."""
    wanted = (socket.AF_INET, socket.AF_INET6)
    return [address.partition("%")[0] for family, address in addresses if family in wanted]


if __name__ == "__main__":
    main()
