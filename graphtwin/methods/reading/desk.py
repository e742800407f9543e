"""One source's configuration, compiled once: how its messages are dated, ranked and read."""

from __future__ import annotations

import re
from datetime import tzinfo
from typing import Any, Final

from graphtwin.methods.reading.dating import ahead, own_time
from graphtwin.methods.reading.event_claims import ClaimWriter
from graphtwin.methods.reading.event_time import read_time
from graphtwin.methods.reading.expression import Expression, compile_expression
from graphtwin.methods.reading.mapping import Reader, compile_mapping
from graphtwin.methods.reading.refusal import Refusal, short
from graphtwin.methods.reading.thing import Thing
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.model.fact import RANK
from graphtwin.ports import Message

_DIGITS = re.compile(r"[0-9]{1,18}")
_ANCHOR_KINDS: Final = {"file": "file", "command": "tool", "mqtt": "sensor", "api": "api", "http": "url"}


class Desk:
    """What is needed to take the messages of one source. Raises ConfigurationError for what can't be used."""

    def __init__(self, name: str, config: TwinConfig, zone: tzinfo) -> None:
        self.name = name
        self.source: Source = config.sources[name]
        self.anchor_kind = _ANCHOR_KINDS[self.source.type]
        self.read: Reader = compile_mapping(name, config)
        self._writer = ClaimWriter(name, config, text_cells=False)
        self._table_writer = ClaimWriter(name, config, text_cells=True)
        self._zone = zone
        self._stamp = self._expression("timestamp", self.source.timestamp)
        self._position = self._expression("position", self.source.position)

    def own_time(self, payload: Any) -> tuple[Any, int | None]:
        """The timestamp that a message bears, as it stands there and in µs; (None, None) when it bears none."""
        return own_time(payload, self._stamp, self._zone)

    def writer_of(self, message: Message) -> ClaimWriter:
        """What writes its facts: the cells of tables are text and read as they are declared."""
        return self._table_writer if message.table else self._writer

    def position_of(self, payload: Any, given: int | None) -> int | None:
        """The source's own position (S7): what its `position` yields, else the one that the reading gave."""
        if self._position is None:
            return given
        value = self._position(payload)
        if value is None:
            return None
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < RANK or value % 1:
            raise Refusal(f"the position is {short(value)}", "map `position` to a whole number that grows, from 0 up")
        return int(value)

    def valid_from(self, thing: Thing, at: int, latest: int | None) -> int:
        """When it was so: by the mapping, else at the event's time; nothing after `latest` is believed."""
        if thing.valid_from in (None, ""):
            return at
        start = read_time(thing.valid_from, self._zone)
        too_far = None if latest is None else ahead(start, latest)
        if too_far is not None:
            raise too_far
        return start

    def _expression(self, field: str, text: str) -> Expression | None:
        return compile_expression(text, f"sources.{self.name}.{field}") if text else None
