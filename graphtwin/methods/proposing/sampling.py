"""What the first readings hold, as samples to propose from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from graphtwin.methods.proposing.kinds import SAYS_NOTHING
from graphtwin.methods.proposing.naming import one_of, plain_words
from graphtwin.methods.proposing.proposal import Sample
from graphtwin.methods.reading.file_format import file_format
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.ports import Reading

MOST: Final = 10_000
"""Messages of one source that are looked at, where they have few fields."""
MOST_FIELDS: Final = 300_000
"""Fields that are looked at in all messages of one source."""

_NO_NAME: Final = SAYS_NOTHING | {"v3", "latest", "current", "index", "home", "tmp", "series"}


def samples_of(readings: Sequence[Reading], config: TwinConfig) -> tuple[Sample, ...]:
    """The samples of the sources that have no mapping of their own, in the readings' order."""
    return tuple(
        Sample(
            source=reading.source,
            payloads=_payloads(reading),
            called=called(reading.source, config.sources[reading.source]),
            text=any(message.table for message in reading.messages[:MOST]),
            named=config.sources[reading.source].type == "file",
            whole=reading.complete and file_format(config.sources[reading.source]) in ("csv", "json", "yaml"),
        )
        for reading in readings
        if not config.sources[reading.source].mapping
    )


def _payloads(reading: Reading) -> tuple[Any, ...]:
    first = next((message.payload for message in reading.messages if isinstance(message.payload, dict)), {})
    most = min(MOST, MOST_FIELDS // max(1, len(first)))
    return tuple(message.payload for message in reading.messages[:most] if not message.status)


def called(name: str, source: Source) -> str:
    """The plain name of what a source reads: the file's without its ending, the last part of an address that names one."""
    if source.type == "file":
        parts = [part for part in PurePath(source.path).with_suffix("").parts if part not in ("/", "..")]
        return next((part for part in parts[:-3:-1] if not _says_nothing(part)), parts[-1] if parts else name)
    parts = [unquote(part) for part in urlsplit(source.endpoint).path.split("/") if part not in ("", "#", "+")]
    telling = [part for part in parts if not _says_nothing(part)]
    found = (telling or parts)[-1:]
    return re.sub(r"\.[A-Za-z]{1,5}$", "", found[0]) if found else name


def _says_nothing(part: str) -> bool:
    return {one_of(word) for word in plain_words(part) if not word.isdigit()} <= _NO_NAME
