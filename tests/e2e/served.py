"""A server of the API in a test's own process: requests go over HTTP as to a real one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn

from graphtwin.api.application import make_application
from graphtwin.api.limits import Limits
from graphtwin.ports import Store

KEY = "k" * 43


@contextmanager
def served(store: Store, **limits: Any) -> Iterator[str]:
    """The address of a server that answers from a store in memory, in a thread of its own."""
    server = _server(store, limits)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive(), "the server ended before it began"
    yield _address(server)
    server.should_exit = True
    thread.join(30)
    assert not thread.is_alive()


@asynccontextmanager
async def serving(store: Store, **limits: Any) -> AsyncIterator[str]:
    """The same beside the test, in its loop: for a store that is bound to one."""
    server = _server(store, limits)
    work = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        assert not work.done(), "the server ended before it began"
    yield _address(server)
    server.should_exit = True
    await work


def _server(store: Store, limits: dict[str, Any]) -> uvicorn.Server:
    application = make_application(store, key=KEY, limits=Limits(**limits))
    return uvicorn.Server(
        uvicorn.Config(
            application, host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off", ws="none"
        )
    )


def _address(server: uvicorn.Server) -> str:
    [listening] = server.servers[0].sockets
    return f"http://127.0.0.1:{listening.getsockname()[1]}"
