"""A small real HTTP server on a free loopback port, that answers what a test lets it answer and remembers who asked."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request: header names are in lower case, `query` has the first value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A response; anything but bytes is written as JSON. `hurry` False keeps the connection open without a byte more."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    declared: int | None = None
    hurry: bool = True

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class HttpSite:
    """`says` maps a path to an answer, or to a function of what was asked; everything else is a 404."""

    port: int = 0
    scheme: str = "http"
    says: dict[str, Answer | Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`."""
        return f"{self.scheme}://127.0.0.1:{self.port}"


@contextmanager
def http_site(*, tls: tuple[Path, Path] | None = None) -> Iterator[HttpSite]:
    """A site for a block; `tls` is (certificate, key)."""
    site = HttpSite(scheme="https" if tls else "http")
    handler = type("Handler", (_Handler,), {"site": site})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    site: ClassVar[HttpSite]
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        split = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(
            self.command,
            split.path,
            {name: values[0] for name, values in parse_qs(split.query).items()},
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        self.site.asked.append(asked)
        said = self.site.says.get(split.path, Answer({"detail": "no such page"}, 404))
        self._send(said(asked) if callable(said) else said)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - the library calls them so

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        headers = {"Content-Type": "application/json", **answer.headers}
        headers["Content-Length"] = str(len(answer.raw) if answer.declared is None else answer.declared)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and answer.status not in (204, 304):
            self.wfile.write(answer.raw)
            self.wfile.flush()
        if not answer.hurry:
            self.site.closing.wait(30)
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""
