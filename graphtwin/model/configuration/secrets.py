"""Secrets in twin.yaml: `${NAME}` in a source or an actuator, filled in from the environment at the moment of use, never kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from graphtwin.errors import ConfigurationError

SECRET: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def resolve_secrets(text: str, environ: Mapping[str, str]) -> str:
    """The text with each `${NAME}` replaced by that environment variable; raises ConfigurationError for one not set.

    Call it where the value is used; what comes back must not be stored, logged or shown.
    """
    missing = sorted({name for name in SECRET.findall(text) if name not in environ})
    if missing:
        raise ConfigurationError(
            f"The environment variable {missing[0]}, which twin.yaml refers to, isn't set.",
            hint=f"Set it for this command: {missing[0]}=… graphtwin sync …",
        )
    return SECRET.sub(lambda found: environ[found.group(1)], text)
