"""Addresses of sources, part by part; each part may come from the environment, and none that may be secret is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from graphtwin.model.configuration.secrets import SECRET, resolve_secrets

PORTS: Final = {"mqtt": 1883, "mqtts": 8883, "http": 80, "https": 443}

_FORM = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?:(?P<user>[^/?#:@]*)(?::(?P<password>[^/?#@]*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#:@\[\]\s]+)(?::(?P<port>[^/?#:@]*))?"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?"
)
_LAST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a source is. `path`, `query` and `fragment` are as they stand in the address, user and password decoded."""

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""
    fragment: str = ""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def authority(self) -> str:
        """Host and port as they stand in an address; the usual port of the scheme is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS.get(self.scheme) else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """The address for people, without who it is opened for and without its query."""
        return f"{self.scheme}://{self.authority}{self.path}"


def read_endpoint(text: str, environ: Mapping[str, str]) -> Endpoint:
    """The address that a text names, its `${NAME}`s filled in: what comes from the environment is taken as it is, whatever
    signs it has. Raises ValueError, which repeats nothing of the address, and ConfigurationError for a name not set.
    """
    if text.startswith("${"):  # the whole address lies in the environment
        text = resolve_secrets(text, environ)
    parts = endpoint_parts(text)
    filled = {name: resolve_secrets(part, environ) for name, part in parts.items()}
    scheme = filled["scheme"].lower()
    return Endpoint(
        scheme=scheme,
        host=filled["host"].strip("[]").lower(),
        port=_port(filled["port"]) if filled["port"] else PORTS.get(scheme, 0),
        path=filled["path"],
        query=filled["query"],
        fragment=filled["fragment"],
        user=_decoded(parts["user"], filled["user"]),
        password=_decoded(parts["password"], filled["password"]),
    )


def endpoint_parts(text: str) -> dict[str, str]:
    """Scheme, user, password, host, port, path, query and fragment, any of which may hold `${NAME}`. Raises ValueError."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError("it isn't an address")
    parts = {name: part or "" for name, part in form.groupdict().items()}
    if parts["port"] and not SECRET.search(parts["port"]):
        _port(parts["port"])
    return parts


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _LAST_PORT):
        raise ValueError("its port isn't a number from 1 to 65535")
    return int(text)


def _decoded(written: str, filled: str) -> str:
    """A part written out stands percent-encoded in an address; one from the environment is as it is."""
    return filled if SECRET.search(written) else unquote(filled)
