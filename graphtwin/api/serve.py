"""Serves the API on this machine until it is stopped."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from contextlib import closing
from ipaddress import ip_address
from typing import Final

import uvicorn
from starlette.applications import Starlette

from graphtwin.api.application import make_application
from graphtwin.api.limits import Limits
from graphtwin.errors import Unavailable, UsageError
from graphtwin.ports import Store

_STOP_S: Final = 10
"""How long requests under way may take to end."""
_FINISH_S: Final = 60
"""How long mutations that outlive their requests may."""


async def serve(  # noqa: PLR0917 - where, with what, and whom to tell
    store: Store, key: str, limits: Limits, host: str, port: int, listening: Callable[[str], None]
) -> None:
    """Answer until the process is told to stop; `listening` hears the address once requests are taken.

    Raises UsageError for an address that others can reach, Unavailable for a port that is taken.
    """
    with closing(listener_at(host, port)) as listener:
        bound = listener.getsockname()
        name = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        listening(f"http://{name}:{bound[1]}")
        application = make_application(store, key=key, limits=limits)
        await make_server(application, limits).serve(sockets=[listener])
        await application.state.chain.finish(_FINISH_S)


def make_server(application: Starlette, limits: Limits) -> uvicorn.Server:
    """The server of HTTP and WebSockets, within the limits."""
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)  # below, it writes frames, and keys are in them
    streams = limits.streams
    config = uvicorn.Config(
        application, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=_STOP_S,
        server_header=False, ws="websockets-sansio", ws_max_size=limits.body, ws_ping_interval=streams.ping,
        ws_ping_timeout=streams.ping, ws_per_message_deflate=False,
    )  # fmt: skip
    return uvicorn.Server(config)


def listener_at(host: str, port: int) -> socket.socket:
    """A socket that takes connections of this machine alone."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET  # noqa: PLR2004 - IPv6
        loopback = ip_address(address).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(
            f"{host} isn't an address of this machine alone.",
            hint="serve on 127.0.0.1, and let a proxy that encrypts speak to others",
        )
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise Unavailable(
            f"{host}:{port} can't be listened on: {error.strerror or error}.", hint="name another one with --port"
        ) from error
    return listener
