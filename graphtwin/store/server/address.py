"""Where a Neo4j server is and how it stands, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Condition = Literal["running", "starting", "unresponsive", "crashed", "stopped", "external", "unreachable"]


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """All that a driver needs; `http_url` and `home` only for the embedded server. Printing it never shows the password."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str = "neo4j"
    http_url: str | None = None
    home: Path | None = None

    @property
    def auth(self) -> tuple[str, str]:
        return self.user, self.password

    @property
    def browser_url(self) -> str | None:
        return None if self.http_url is None else f"{self.http_url}/browser/"


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What is known of a server now.

    running: a query was answered. starting: the process lives, has not answered yet and is younger than the start timeout.
    unresponsive: it lives and doesn't answer. crashed: it ended without `stop`. stopped: it isn't meant to run.
    external, unreachable: a server that graphtwin doesn't run answered, or did not.
    """

    condition: Condition
    uri: str | None = None
    http_url: str | None = None
    pid: int | None = None
    started_at: str | None = None
    version: str | None = None
    detail: str = ""

    @property
    def answers(self) -> bool:
        return self.condition in {"running", "external"}
