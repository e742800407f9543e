"""Runs the building's message broker in a process of its own, until it is ended or its parent is gone."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal

from building.broker import HOST, Broker


async def main() -> None:
    """Listen, and say where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=18831, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--parent", type=int, default=0, help="end when this is no longer the parent; 0: never")
    options = parser.parse_args()
    broker = Broker()
    port = await broker.start(options.port)
    print(f"mqtt://{HOST}:{port}", flush=True)
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    while options.parent in (0, os.getppid()) and not ended.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), 1)
    await broker.stop()


if __name__ == "__main__":
    asyncio.run(main())
