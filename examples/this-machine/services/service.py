"""A small real service: answers HTTP on its port, depends on an upstream, and writes a heartbeat every second."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BEAT = 1.0
"""Seconds between heartbeats."""
PATIENCE = 1.0
"""Seconds to wait for the upstream to take a connection."""


def main() -> None:
    """Serve until ended, or until the program that started it is gone."""
    options = parse()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), handler(options.unit, options.upstream))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stop = threading.Event()
    while options.parent in (0, os.getppid()):
        beat(options.heartbeats, options.unit, options.upstream)
        stop.wait(BEAT)


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--unit", required=True, help="its name")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--upstream", type=int, default=0, help="port of the service it depends on; 0: none")
    parser.add_argument("--heartbeats", type=Path, required=True, help="the JSON Lines file to append to")
    parser.add_argument("--parent", type=int, default=0, help="end when this is no longer the parent; 0: never")
    return parser.parse_args()


def beat(file: Path, unit: str, upstream: int) -> None:
    """Append one line; a single small write to a file opened for appending isn't torn by the other services."""
    line = {
        "kind": "heartbeat",
        "id": unit,
        "time": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "alive": True,
        "upstream": reach(upstream),
    }
    with file.open("ab", buffering=0) as heartbeats:
        heartbeats.write(json.dumps(line).encode() + b"\n")


def reach(port: int) -> str:
    """`ok` when the upstream takes a connection, or none is needed; else `unreachable`."""
    if not port:
        return "ok"
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
        return "ok"
    return "unreachable"


def handler(unit: str, upstream: int) -> type[BaseHTTPRequestHandler]:
    """Answers every GET with the service's name and whether it reaches its upstream: 200, or 503 if it doesn't."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reached = reach(upstream)
            body = json.dumps({"unit": unit, "upstream": reached}).encode()
            self.send_response(200 if reached == "ok" else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Requests aren't logged."""

    return Handler


if __name__ == "__main__":
    main()
