"""A server of the API over a store in memory, in a thread: requests go over HTTP as to a real one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from graphtwin.api.application import make_application
from graphtwin.api.limits import Limits
from graphtwin.ports import Store

KEY = "k" * 43


@contextmanager
def served(store: Store, **limits: Any) -> Iterator[str]:
    """The address of a server that answers from a store; only the server's thread asks the store meanwhile."""
    application = make_application(store, key=KEY, limits=Limits(**limits))
    config = uvicorn.Config(
        application, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server ended before it began"
    [listening] = server.servers[0].sockets
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()
