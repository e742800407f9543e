"""Whom an actuator believes to be the other side: the system's authorities, or those of its `tls`."""

from __future__ import annotations

import ssl
from pathlib import Path

from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.acting import Actuator
from graphtwin.wire.no_connection import NoConnection
from graphtwin.wire.tls import tls_context


def trust_of(name: str, config: Actuator, folder: Path) -> ssl.SSLContext:
    """What its connections are checked by; files lie in `folder`. Raises ConfigurationError where one can't be used."""
    try:
        return tls_context(config.tls, folder)
    except NoConnection as error:
        raise ConfigurationError(f"actuators.{name}.tls: {error.problem}.", hint=f"{error.hint}.") from error
