"""Whom an actuator logs in as: secrets come from the environment at the moment of use, and no repr shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.acting import Actuator
from graphtwin.model.configuration.secrets import SECRET, resolve_secrets

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OUR_HEADERS: Final = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "expect",
        "host",
        "idempotency-key",
        "transfer-encoding",
        "upgrade",
    }
)
"""What graphtwin itself says, or what would change where and how often a request is understood."""


@dataclass(frozen=True, slots=True)
class Login:
    """What an actuator shows of itself; `secrets` are all texts in it that nobody may be told."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    token: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    secrets: frozenset[str] = field(repr=False)


def log_in(name: str, config: Actuator, environ: Mapping[str, str]) -> Login:
    """The login with each `${NAME}` filled in. Raises ConfigurationError for a variable that isn't set and for what can't be
    sent; it names the field, never the value.
    """
    username = resolve_secrets(config.username, environ)
    password = resolve_secrets(config.password, environ)
    token = resolve_secrets(config.token, environ)
    if token and (username or password):
        raise ConfigurationError(
            f"The actuator {name} has a token beside username and password",
            hint="keep the one that the other side wants",
        )
    headers = {header: resolve_secrets(text, environ) for header, text in config.headers.items()}
    for header, text in {**headers, "token": token}.items():
        _check_header(name, header, text)
    return Login(username, password, token, headers, _secrets(config, (username, password, token), headers, environ))


def _check_header(actuator: str, header: str, text: str) -> None:
    if header.lower() in _OUR_HEADERS:
        raise ConfigurationError(
            f"The actuator {actuator} may not set the header {header}",
            hint="graphtwin sets it; to log in use `token`, or `username` and `password`",
        )
    if not _HEADER_NAME.fullmatch(header) or not _HEADER_VALUE.fullmatch(text) or text != text.strip():
        raise ConfigurationError(
            f"{header} of the actuator {actuator} holds signs that can't be sent in a header",
            hint="look for blanks at its ends and for line breaks, also in the environment variable",
        )


def _secrets(
    config: Actuator, login: tuple[str, str, str], headers: Mapping[str, str], environ: Mapping[str, str]
) -> frozenset[str]:
    """What came from the environment, and what is a secret wherever it came from."""
    written = (config.username, config.password, config.token, *config.headers.values())
    named = {environ[variable] for text in written for variable in SECRET.findall(text)}
    whole = {text for header, text in headers.items() if SECRET.search(config.headers[header])}
    username, password, token = login
    pair = f"{username}:{password}" if password else ""  # as basic authentication writes it, in Base64
    return frozenset((named | whole | {password, pair, token}) - {""})
