"""The endpoint of an actuator as it is configured, or what is wrong with it."""

from __future__ import annotations

from urllib.parse import SplitResult

from graphtwin.errors import ConfigurationError
from graphtwin.model.act_address import Unsendable, act_endpoint
from graphtwin.model.configuration.acting import Actuator


def endpoint_of(name: str, config: Actuator) -> SplitResult:
    """Its parts. Raises ConfigurationError."""
    try:
        return act_endpoint(config.type, config.endpoint)
    except Unsendable as error:
        raise ConfigurationError(f"The actuator {name} can't be used: {error}", hint="correct its endpoint") from None
