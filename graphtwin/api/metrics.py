"""What the server counts, for Prometheus."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "graphtwin_http_requests", "Requests by path and status.", ("path", "status"), registry=self._registry
        )
        self.errors = Counter(
            "graphtwin_graphql_errors", "Errors that were answered, by code.", ("code",), registry=self._registry
        )
        self.refusals = Counter(
            "graphtwin_refusals",
            "Requests of known callers that were refused, by code.",
            ("code",),
            registry=self._registry,
        )
        self.unknown_keys = Counter(
            "graphtwin_unknown_keys", "Requests with a key that nobody has.", registry=self._registry
        )
        self.connections = Gauge("graphtwin_connections", "WebSockets that are open.", registry=self._registry)
        self.messages = Counter(
            "graphtwin_stream_messages", "Messages of subscriptions that were sent.", registry=self._registry
        )
        self.seconds = Histogram(
            "graphtwin_graphql_seconds", "How long GraphQL requests took.", registry=self._registry
        )

    def text(self) -> bytes:
        """All of them in Prometheus' text form."""
        return generate_latest(self._registry)
