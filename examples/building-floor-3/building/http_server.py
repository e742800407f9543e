"""The building's HTTP server: one thread a connection, on loopback, for small requests; it can hang up without a word."""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from building.http_api import BuildingApi, Response

HOST: Final = "127.0.0.1"
LARGEST: Final = 64 * 1024
"""Bytes that a request's body may have."""


def serve(api: BuildingApi, port: int) -> ThreadingHTTPServer:
    """A server on loopback, not yet running; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "BMS/3"
        sys_version = ""
        timeout = 60
        wbufsize = -1  # an answer leaves in one piece

        def _handle(self) -> None:
            length = self.headers.get("Content-Length") or "0"
            if not length.isdigit() or int(length) > LARGEST or "Transfer-Encoding" in self.headers:
                self.close_connection = True
                self._send(
                    Response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": f"a body has at most {LARGEST} bytes"})
                )
                return
            self._send(api.answer(self.command, self.path, self.headers, self.rfile.read(int(length))))

        def _send(self, response: Response) -> None:
            if response.wait:
                time.sleep(response.wait)
            if response.hang_up:
                self.close_connection = True
                return
            body = b"" if response.status == HTTPStatus.NOT_MODIFIED else json.dumps(response.body).encode()
            self.send_response(response.status)
            for name, value in {"Content-Type": "application/json", **response.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = _handle  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Requests aren't logged."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 50

    return Server((HOST, port), Handler)
