"""Line by line: JSON Lines, read from where the last reading ended; an unfinished last line waits."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from graphtwin.methods.reading.refusal import Refusal
from graphtwin.ports import Malformed, Message
from graphtwin.sources.file_position import Mark
from graphtwin.sources.line_feed import Line, LineFeed
from graphtwin.sources.messages import Haul, Records, json_parts, malformed, text_of, too_large

MAX_READ: Final = 64 * 2**20
"""Bytes that one reading takes from a file; the next goes on from there."""


class Limits(NamedTuple):
    """What one reading of a file may take, and how its messages are named."""

    name: str
    max_payload: int
    max_messages: int
    records: Records | None
    roster: bool
    """True when the file is a list of all there is: then its last row counts as it stands."""
    whole: bool
    """True when everything is read, not only what is new."""


def read_json_lines(feed: LineFeed, mark: Mark, limits: Limits, haul: Haul) -> Mark:
    """Takes each line's messages into the haul; answers with the mark behind the last line taken."""
    start, number = feed.offset, mark.line
    more, tail = False, ""
    while line := feed.peek():
        if len(haul) >= limits.max_messages or feed.offset - start >= MAX_READ:
            more = True
            break
        if not line.ended and not _is_whole(line):
            tail = line.sha256 or hashlib.sha256(line.raw).hexdigest()
            break
        feed.take(line)
        number += 1
        _take_line(line, f"{limits.name}:{number}", mark, limits, haul)
    return mark._replace(offset=feed.offset, prefix=feed.prefix, line=number, more=more, tail=tail)


def long_line(line: Line, place: str, most: int) -> Malformed:
    """A line over the limit, as a malformed message."""
    refusal = too_large(line.size, most)
    return Malformed(line.raw, line.size - line.ended, line.sha256, place, refusal.reason, refusal.hint)


def _is_whole(line: Line) -> bool:
    """An object or list says by itself that it is complete, also without an end of line."""
    raw = line.raw.strip()
    if line.sha256 or raw[-1:] not in (b"}", b"]"):
        return False
    try:
        json_parts(text_of(raw), None)
    except Refusal:
        return False
    return True


def _take_line(line: Line, place: str, mark: Mark, limits: Limits, haul: Haul) -> None:
    if line.sha256:
        haul.malformed.append(long_line(line, place, limits.max_payload))
        return
    raw = line.raw.rstrip(b"\r\n")
    if not raw.strip():
        return
    try:
        text = text_of(raw)
        parts = json_parts(text, limits.records)
    except Refusal as refusal:
        haul.malformed.append(malformed(raw, place, refusal))
        return
    single = limits.records is None and not text.lstrip().startswith("[")
    for index, part in enumerate(parts):
        at = line.offset + part.start
        own = raw if single else part.raw.encode()
        offset = line.offset if single else at
        where = place if len(parts) == 1 else f"{place}[{index}]"
        haul.messages.append(Message(own, part.payload, where, mark.locus(offset), mark.position(offset)))
