"""A program that serves the API in children of its own: each line on stdin names a port, each answer is the child's pid. Forked after
the imports, so that a server that was killed is back at once.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from graphtwin.api.limits import Limits
from graphtwin.api.serve import serve
from graphtwin.app import connect
from graphtwin.settings import load_settings


async def answer(port: int, key: str) -> None:
    async with connect(load_settings()) as store:
        await serve(store, key, Limits(), "127.0.0.1", port, lambda _: None)


def main(key: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    child = 0
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(answer(int(line), key))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    if child:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
