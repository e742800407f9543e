"""Pages of one HTTP origin: read at an address that was checked, with limits of time and size, and never led elsewhere."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import httpx

from graphtwin.methods.reading.allowed_address import literal_address, why_refused
from graphtwin.model.configuration.endpoint import Endpoint
from graphtwin.wire.no_connection import NoConnection, reason_of

MOST_REDIRECTS: Final = 5

_OK: Final = (200, 204)
_NOT_MODIFIED: Final = 304
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {
    "Accept": "application/json, application/x-ndjson, text/csv, */*;q=0.1",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "graphtwin",
}
_BLOCK: Final = 2**16
_WINDOW: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_HINTS: Final = {
    400: "look at what the server says about this address",
    401: "check `token`, or `username` and `password`, of the source",
    403: "let the server allow this user to read it",
    404: "correct `endpoint` of the source",
    407: "graphtwin speaks to servers itself, past proxies",
    429: "sync less often",
}

for _name in ("httpx", "httpcore"):  # they log whole addresses, and there may be a key in one
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class HttpPlace:
    """Where pages are, and on what terms they are read: `timeout` is seconds for all pages together, `max_bytes` all that
    they may have, `private` whether the name may lead into a private network.
    """

    endpoint: Endpoint
    headers: Mapping[str, str] = field(repr=False)
    login: tuple[str, str] = field(repr=False)
    tls: ssl.SSLContext | None
    timeout: float
    max_bytes: int
    private: bool


class Page(NamedTuple):
    """One answer; `url` is where it came from, `next_link` the page that it links as the next, `body` is empty for one that
    has not changed.
    """

    url: httpx.URL
    headers: httpx.Headers
    body: bytes
    changed: bool
    next_link: str = ""


@asynccontextmanager
async def visit(place: HttpPlace) -> AsyncIterator[HttpVisit]:
    """A visit to a place, all of it in its time. Raises NoConnection, also in its block."""
    try:
        async with asyncio.timeout(place.timeout):
            addresses = await _checked_addresses(place)
            trust = place.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, and is never asked
            async with httpx.AsyncClient(verify=trust, trust_env=False, timeout=None) as client:  # noqa: S113 - the visit has a limit
                yield HttpVisit(place, addresses, client)
    except TimeoutError as error:
        raise NoConnection(
            f"{place.endpoint.shown} didn't answer in full within {place.timeout:g} s",
            "see what keeps it, or raise timeout of the source",
        ) from error


class HttpVisit:
    """Reads pages of one origin at one address."""

    def __init__(self, place: HttpPlace, addresses: Sequence[str], client: httpx.AsyncClient) -> None:
        self._place = place
        self._addresses = list(addresses)
        self._client = client
        self._left = place.max_bytes
        self.start = _url_of(place.endpoint)
        """The page that the place names."""

    async def get(self, url: httpx.URL, headers: Mapping[str, str] | None = None) -> Page:
        """One page, redirects within the origin followed. Raises NoConnection for anything but a page or "not modified"."""
        for _ in range(MOST_REDIRECTS + 1):
            self._stay_here(url)
            async with self._asked(url, headers or {}) as response:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    url = _joined(url, response.headers["location"], self._place.endpoint)
                    continue
                if response.status_code == _NOT_MODIFIED:
                    return Page(url, response.headers, b"", changed=False)
                if response.status_code not in _OK:
                    raise self._refusal(response)
                following = response.links.get("next", {}).get("url", "")
                return Page(url, response.headers, await self._body(response), changed=True, next_link=following)
        raise NoConnection(f"{self._place.endpoint.shown} redirects without an end", "correct `endpoint` of the source")

    def next_page(self, page: Page, link: str) -> httpx.URL:
        """Where a link of a page leads. Raises NoConnection where it leaves the origin."""
        url = _joined(page.url, link, self._place.endpoint)
        self._stay_here(url)
        return url

    @asynccontextmanager
    async def _asked(self, url: httpx.URL, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        response = await self._answer(url, headers)
        try:
            yield response
        finally:
            await response.aclose()

    async def _answer(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """The beginning of an answer, from the first of the addresses that takes a connection. Raises NoConnection."""
        auth = httpx.BasicAuth(*self._place.login) if self._place.login[0] else None
        while True:
            request = self._request(url, headers)
            try:
                return await self._client.send(request, stream=True, auth=auth, follow_redirects=False)
            except (httpx.HTTPError, OSError) as error:
                if isinstance(error, httpx.ConnectError) and len(self._addresses) > 1:
                    del self._addresses[0]
                    continue
                raise NoConnection(
                    f"{self._place.endpoint.shown} can't be reached: {reason_of(error)}",
                    "start the server, or correct `endpoint` of the source",
                ) from error

    def _request(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Request:
        """To the address that was checked, in the name that was asked for."""
        place = self._place
        named = place.tls is not None and literal_address(place.endpoint.host) is None
        return self._client.build_request(
            "GET",
            url.copy_with(host=self._addresses[0]),
            headers={**_HEADERS, **place.headers, **headers, "Host": place.endpoint.authority},
            extensions={"sni_hostname": place.endpoint.host} if named else {},
        )

    async def _body(self, response: httpx.Response) -> bytes:
        """What the answer holds, unpacked, as long as there is room for it. Raises NoConnection."""
        unpack = _unpacking(response.headers.get("content-encoding", "identity"), self._place.endpoint)
        body = bytearray()
        try:
            async for block in response.aiter_raw(_BLOCK):
                body += unpack(block, self._left - len(body) + 1)
                if len(body) > self._left:
                    raise NoConnection(
                        f"{self._place.endpoint.shown} says more than max_output ({self._place.max_bytes} bytes)",
                        "ask it for less, or raise max_output of the source",
                    )
        except (httpx.HTTPError, OSError, zlib.error) as error:
            raise NoConnection(
                f"{self._place.endpoint.shown} broke off: {reason_of(error)}", "look at the server's log"
            ) from error
        self._left -= len(body)
        return bytes(body)

    def _stay_here(self, url: httpx.URL) -> None:
        if (url.scheme, url.host, url.port) != (self.start.scheme, self.start.host, self.start.port):
            raise NoConnection(
                f"{self._place.endpoint.shown} leads to another place, {url.scheme}://{url.host}",
                "if that is meant, write its address as `endpoint` of the source",
            )

    def _refusal(self, response: httpx.Response) -> NoConnection:
        status = response.status_code
        wait = response.headers.get("retry-after", "") if status in (429, 503) else ""
        later = f", come again after {wait[:40]}" if wait.isprintable() and wait else ""
        hint = _HINTS.get(status, "look at the server's log")
        return NoConnection(f"{self._place.endpoint.shown} answers HTTP {status}{later}", hint)


async def _checked_addresses(place: HttpPlace) -> list[str]:
    """The addresses that may be spoken to: looked up once, so that no second look-up can lead elsewhere. Raises
    NoConnection where one of them may not.
    """
    host, port = place.endpoint.host, place.endpoint.port
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoConnection(
            f"{place.endpoint.shown}: the name isn't known: {reason_of(error)}", "correct `endpoint` of the source"
        ) from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    for text in addresses:
        address = literal_address(text)
        why = why_refused(host, address, private=place.private) if address else "no address"
        if why:
            raise NoConnection(
                f"{place.endpoint.shown} leads to {text}, {why}",
                "correct `endpoint`; a private network may be meant by `private: true` of the source",
            )
    return addresses


def _url_of(endpoint: Endpoint) -> httpx.URL:
    query = f"?{endpoint.query}" if endpoint.query else ""
    try:
        return httpx.URL(f"{endpoint.scheme}://{endpoint.authority}{endpoint.path or '/'}{query}")
    except httpx.InvalidURL as error:  # it may repeat what is secret
        raise NoConnection("its address can't be used", "correct `endpoint` of the source") from error


def _joined(url: httpx.URL, link: str, endpoint: Endpoint) -> httpx.URL:
    try:
        return url.join(link).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise NoConnection(f"{endpoint.shown} leads to what is no address", "look at what the server says") from error


def _unpacking(coding: str, endpoint: Endpoint) -> Callable[[bytes, int], bytes]:
    """Unpacks block after block, each to a greatest size: a small answer may unpack to a very large one."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return lambda block, _most: block
    if coding not in _WINDOW:
        raise NoConnection(
            f"{endpoint.shown} packs its answer as {coding[:20]!r}", "let it answer as gzip, or unpacked"
        )
    unpacker = zlib.decompressobj(_WINDOW[coding])

    def unpack(block: bytes, most: int) -> bytes:
        return unpacker.decompress(unpacker.unconsumed_tail + block, most)

    return unpack
