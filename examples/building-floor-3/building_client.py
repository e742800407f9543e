"""A small client of the building: its clock, what its management says and takes, its faults and its journal.

It needs nothing but the standard library, so that tests, demonstrations and people can use it alike.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

PATIENCE: Final = 30.0
"""Seconds to wait for an answer."""

_GLANCE: Final = 0.05


class Answered(NamedTuple):
    """What came back; `body` is JSON, None where there was none."""

    status: int
    body: Any
    headers: Mapping[str, str]


class NotDone(RuntimeError):
    """The building said no; says what it said."""


class BuildingClient:
    """Speaks to one building; methods that return plain values raise NotDone for anything but success."""

    def __init__(self, url: str, *, token: str = "") -> None:
        if not url.startswith("http://"):
            raise ValueError(f"the building's address is like http://127.0.0.1:18080, not {url!r}")
        self.url = url.rstrip("/")
        self._token = token

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answered:
        """Any request, any answer. Raises OSError where the building isn't there or hangs up."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, sent, method=method)  # noqa: S310 - http, see above
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - the same
                return _answered(answer.status, answer.read(), answer.headers.items())
        except urllib.error.HTTPError as error:
            with error:
                return _answered(error.code, error.read(), error.headers.items())

    def wait_ready(self, seconds: float = PATIENCE, *, running: Callable[[], bool] = lambda: True) -> None:
        """Until it answers. Raises NotDone when it doesn't, or is no longer `running`."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.ask("GET", "/healthz")
            except OSError:
                if time.monotonic() > deadline or not running():
                    raise NotDone(f"{self.url} doesn't answer") from None
                time.sleep(_GLANCE)
            else:
                return

    def now(self) -> datetime:
        """What time it is there."""
        return datetime.fromisoformat(self.clock()["now"])

    def clock(self) -> dict[str, Any]:
        """Its time, speed, and whether it stands still."""
        return self._get("/clock")

    def pause(self) -> dict[str, Any]:
        """Its time stands still."""
        return self._done("POST", "/clock", {"paused": True})

    def resume(self) -> dict[str, Any]:
        """Its time passes again."""
        return self._done("POST", "/clock", {"paused": False})

    def speed(self, times: float) -> dict[str, Any]:
        """Its time passes so many times as fast as the wall's."""
        return self._done("POST", "/clock", {"speed": times})

    def advance(self, how_long: int | str) -> dict[str, Any]:
        """So much time passes at once; it is over when the broker has every message of it."""
        return self._done("POST", "/clock", {"advance": how_long})

    def status(self) -> dict[str, Any]:
        """The management's view of its machines."""
        return self._get("/hvac/status")

    def unit(self, name: str) -> dict[str, Any]:
        """One unit of it, such as AHU-3A."""
        return dict(next(one for one in self.status()["units"] if one["name"] == name))

    def roster(self) -> list[dict[str, Any]]:
        """Everything that the management knows of, all pages."""
        rows: list[dict[str, Any]] = []
        path: str | None = "/roster"
        while path:
            page = self._get(path)
            rows += page["items"]
            path = page["next"]
        return rows

    def command(self, point: str, value: Any, key: str) -> Answered:
        """Tell the building to do something; any answer."""
        return self.ask("PUT", f"/points/{point}", {"value": value}, {"Idempotency-Key": key})

    def journal(self) -> list[dict[str, Any]]:
        """Every command as the building received it, oldest first."""
        return list(self._get("/journal")["entries"])

    def effects(self) -> dict[str, int]:
        """How often each key took effect; nothing but 1 is right."""
        counted: dict[str, int] = {}
        for entry in self.journal():
            if entry["outcome"] == "applied":
                counted[entry["key"]] = counted.get(entry["key"], 0) + 1
        return counted

    def faults(self) -> list[dict[str, Any]]:
        """Those that wait, are on, or are over."""
        return list(self._get("/faults")["faults"])

    def inject(self, **fault: Any) -> dict[str, Any]:
        """A fault, on at once unless it says `at`: `inject(id="stuck", kind="stuck_valve", unit="hvac-unit-3a")`."""
        return self._done("POST", "/faults", fault)

    def begin(self, fault: str) -> dict[str, Any]:
        """A fault that waits."""
        return self._done("POST", f"/faults/{fault}/start")

    def end(self, fault: str) -> dict[str, Any]:
        """Undo a fault."""
        return self._done("DELETE", f"/faults/{fault}")

    def truth(self) -> dict[str, Any]:
        """What really is so, whatever sensors and management say."""
        return self._get("/truth")

    def _get(self, path: str) -> dict[str, Any]:
        return self._done("GET", path)

    def _done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answered = self.ask(method, path, body)
        if answered.status >= HTTPStatus.BAD_REQUEST:
            raise NotDone(
                f"{method} {path}: {answered.status}, {(answered.body or {}).get('error', 'no reason given')}"
            )
        return dict(answered.body)


def _answered(status: int, body: bytes, headers: Iterable[tuple[str, str]]) -> Answered:
    return Answered(status, json.loads(body) if body else None, dict(headers))
