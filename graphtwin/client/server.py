"""A graphtwin that answers over HTTP: documents in, data out, its errors as our own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError, TransportQueryError, TransportServerError
from gql.transport.httpx import HTTPXAsyncTransport

from graphtwin.errors import GraphtwinError, IntegrityError, Refused, Unavailable, UsageError, error_of
from graphtwin.store.api_key import NAME, read_api_key

KEY: Final = "GRAPHTWIN_API_KEY"
_SECONDS: Final = 60.0


class Server:
    """One server, asked with one key."""

    def __init__(self, address: str, key: str) -> None:
        """Raises UsageError for an address that isn't one, or that the key would travel to for everybody to read."""
        self.address = _endpoint(address)
        self._key = key

    @property
    def root(self) -> str:
        """Its address as `--server` takes it."""
        return self.address.removesuffix("/graphql")

    async def ask(self, document: str, /, **variables: Any) -> dict[str, Any]:
        """The data of an answer. Raises what the server refuses as the error of its code, Unavailable."""
        transport = HTTPXAsyncTransport(
            self.address, headers={"Authorization": f"Bearer {self._key}"}, timeout=_SECONDS, trust_env=False
        )
        try:
            async with Client(transport=transport) as session:
                data: dict[str, Any] = await session.execute(GraphQLRequest(document, variable_values=variables))
        except TransportQueryError as error:
            raise _told((error.errors or [{}])[0]) from None
        except TransportServerError as error:
            raise _turned_away(self.address, error.code) from None
        except (TransportError, OSError) as error:
            raise Unavailable(
                f"{self.address} doesn't answer: {type(error.__cause__ or error).__name__}.",
                hint="is it served there? graphtwin serve",
            ) from None
        return data


def key_in_force(folder: Path) -> str:
    """The API key from the environment, else the one of this machine's own server. Raises UsageError."""
    return os.environ.get(KEY) or read_api_key(folder / NAME)


def refused(answer: Mapping[str, Any]) -> GraphtwinError | None:
    """What a mutation was refused with; None where it wasn't."""
    told = answer.get("refusal")
    return None if told is None else (error_of(told["code"]) or Refused)(told["message"], hint=told["hint"])


def _endpoint(address: str) -> str:
    parts = urlsplit(address if "://" in address else f"http://{address}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
        raise UsageError(f"{address!r} isn't a server's address.", hint="such as http://127.0.0.1:8700")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise UsageError(
            f"The API key would go to {parts.hostname} for everybody on the way to read.",
            hint="use the https:// address of the proxy before it, or a tunnel to a port of this machine",
        )
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path if path.endswith('/graphql') else path + '/graphql'}"


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _told(error: Mapping[str, Any]) -> GraphtwinError:
    more = error.get("extensions") or {}
    message, kind = str(error.get("message", "The server gave no reason.")), error_of(str(more.get("code", "")))
    if kind is None:
        return IntegrityError(message, hint="see the log of the server")
    return kind(message, hint=str(more.get("hint", "")))


def _turned_away(address: str, status: int | None) -> GraphtwinError:
    if status == 401:  # noqa: PLR2004 - what HTTP calls it
        return Refused(
            f"{address} doesn't know the API key.", hint=f"set {KEY} to a key of yours: graphtwin user key WORLD NAME"
        )
    return Unavailable(f"{address} answers with status {status}.", hint="is it a graphtwin? graphtwin serve")
