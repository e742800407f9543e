"""The program's own log: events with fields, a JSON object a line on standard error, from the level that is asked for."""

from __future__ import annotations

import json
import logging
import sys
from typing import Final

from graphtwin.model.instants import format_instant

LOGGER: Final = "graphtwin"
_OWN: Final = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {"message", "asctime"}


class _Lines(logging.Formatter):
    """A record as one JSON object: when, how grave, what, and the fields that came with it."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {name: value for name, value in vars(record).items() if name not in _OWN}
        event = {
            "at": format_instant(int(record.created * 1_000_000)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **fields,
        }
        return json.dumps(event, ensure_ascii=False, default=str)


def configure_log(level: str) -> None:
    """Write events of `level` and above; called again it only changes the level. Nothing else's logging is touched."""
    logger = logging.getLogger(LOGGER)
    logger.setLevel(level.upper())
    logger.propagate = False
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Lines())
        logger.addHandler(handler)
