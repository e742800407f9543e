"""Acts over HTTP: one request with its idempotency key, no redirect followed, nothing sent twice."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from graphtwin.actuators.endpoint import endpoint_of
from graphtwin.actuators.login import Login, log_in
from graphtwin.actuators.payload import payload
from graphtwin.actuators.telling import told
from graphtwin.actuators.trust import trust_of
from graphtwin.errors import ConfigurationError
from graphtwin.model.act_address import Unsendable, http_address
from graphtwin.model.acting import Outcome
from graphtwin.model.configuration.acting import Actuator
from graphtwin.model.durations import SECOND, compact_duration
from graphtwin.ports import ActAnswer, Clock, Command

METHODS: Final = ("POST", "PUT", "PATCH", "DELETE")
KEY_HEADER: Final = "Idempotency-Key"

_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_MOST_READ: Final = 4096
_FIRST_BYTE: Final = "http11.send_request_headers.started"
"""What the transport tells before anything of a request leaves this machine."""
_REQUEST_TIMEOUT: Final = 408
_NOT_HERE: Final = frozenset({301, 307, 308})
"""Redirects that ask for the same request elsewhere: here it had no effect."""


class HttpActuator:
    """One HTTP endpoint, spoken to on a connection of its own for each act, past any proxy of the environment."""

    def __init__(
        self, name: str, config: Actuator, folder: Path, clock: Clock, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._name = name
        self._config = config
        self._folder = folder
        self._clock = clock
        self._environ = environ
        self._endpoint = endpoint_of(name, config)

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        return self._name

    def check(self) -> None:
        """Raises ConfigurationError when its login can't be used, such as for a variable that isn't set, or a file of `tls`."""
        log_in(self._name, self._config, self._environ)
        trust_of(self._name, self._config, self._folder)

    def shown(self, command: Command) -> str:
        """What it would do, without login: `send PUT http://… {…}`. Raises Unsendable."""
        address, content = self._address(command), _content(command)
        return f"send {command.request.method} {address} {content.decode()}".rstrip()

    async def send(self, command: Command) -> ActAnswer:
        """The answer by its status: 2xx is done, 4xx refused; what leaves it open is unknown."""
        try:
            address, content = self._address(command), _content(command)
            login = log_in(self._name, self._config, self._environ)
            trust = trust_of(self._name, self._config, self._folder)
        except (Unsendable, ConfigurationError) as error:
            return ActAnswer("not_sent", told(str(error)))
        exchange = _Exchange(command, address, content, login, trust, self._clock)
        try:
            async with asyncio.timeout(self._config.timeout / SECOND):
                await exchange.run()
        except _TooLate:
            return ActAnswer("not_sent", "it was too late when the connection stood")
        except TimeoutError:
            exchange.trouble = f"no answer within {compact_duration(self._config.timeout)}"
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            exchange.trouble = str(error) or type(error).__name__
        return exchange.answer()

    def _address(self, command: Command) -> str:
        if command.request.method not in METHODS:
            raise Unsendable(f"acts are sent by {', '.join(METHODS)}, not by {command.request.method!r}")
        address = http_address(self._endpoint, command.request.path)
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise Unsendable(f"the address {address!r} can't be used: {error}") from None
        if (url.scheme, url.netloc) != (self._endpoint.scheme, httpx.URL(self._config.endpoint).netloc):
            raise Unsendable(f"the path {command.request.path!r} would leave the endpoint")
        return address


class _TooLate(Exception):
    """The instant has passed after which nothing may be sent."""


def _content(command: Command) -> bytes:
    """Raises Unsendable."""
    if not _KEY.fullmatch(command.key):
        raise Unsendable("its idempotency key can't stand in a header")
    return b"" if command.request.body is None else payload(command.request.body, command.key)


@dataclass(slots=True)
class _Exchange:
    """One request on a connection of its own (on one that was kept open, nobody knows what a lost answer means), and how
    far it came: whether anything of it left this machine, and what came back.
    """

    command: Command
    address: str
    content: bytes
    login: Login
    trust: ssl.SSLContext
    clock: Clock
    sent: bool = False
    status: int | None = None
    text: str = ""
    trouble: str = ""

    async def run(self) -> None:
        """Raises _TooLate before anything is sent, and what the transport raises."""
        auth = httpx.BasicAuth(self.login.username, self.login.password)
        async with (
            httpx.AsyncClient(
                auth=auth if self.login.username or self.login.password else None,
                follow_redirects=False,
                timeout=None,  # noqa: S113 - the whole has one limit, around this call
                trust_env=False,
                verify=self.trust,
            ) as client,
            client.stream(
                self.command.request.method,
                self.address,
                content=self.content or None,
                headers=self._headers(),
                extensions={"trace": self._listen},
            ) as response,
        ):
            self.status = response.status_code
            self.text = response.reason_phrase
            beginning = await _beginning(response)
            self.text = f"{self.text}: {beginning}" if beginning else self.text

    def answer(self) -> ActAnswer:
        """What is known of it now."""
        if self.status is not None:
            return self._told(_outcome_of(self.status), f"HTTP {self.status} {self.text}")
        if not self.sent:
            return self._told("not_sent", f"no connection: {self.trouble}")
        return self._told("unknown", f"it was sent, and then: {self.trouble}")

    def _told(self, outcome: Outcome, text: str) -> ActAnswer:
        return ActAnswer(outcome, told(text, self.login.secrets))

    def _headers(self) -> httpx.Headers:
        ours = {
            "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close", "User-Agent": "graphtwin",
            KEY_HEADER: self.command.key,
        }  # fmt: skip
        if self.content:
            ours["Content-Type"] = "application/json"
        if self.login.token:
            ours["Authorization"] = f"Bearer {self.login.token}"
        headers = httpx.Headers(ours)
        headers.update(self.login.headers)
        return headers

    async def _listen(self, event: str, _info: Mapping[str, Any]) -> None:
        if event == _FIRST_BYTE:
            if self.clock.now() > self.command.not_after:
                raise _TooLate
            self.sent = True


async def _beginning(response: httpx.Response) -> str:
    """The first bytes of what was answered, as they came."""
    read = bytearray()
    async for block in response.aiter_raw():
        read += block
        if len(read) >= _MOST_READ:
            break
    plain = response.headers.get("content-encoding", "identity") == "identity"
    return bytes(read[:_MOST_READ]).decode(errors="replace") if plain else ""


def _outcome_of(status: int) -> Outcome:
    """Done where the other side says so, refused where it says that it did nothing; else nobody knows."""
    if 200 <= status < 300:  # noqa: PLR2004
        return "done"
    if status in _NOT_HERE or (400 <= status < 500 and status != _REQUEST_TIMEOUT):  # noqa: PLR2004
        return "refused"
    return "unknown"
