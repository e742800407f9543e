"""Row by row: tables with a header (CSV, or separated by tab or semicolon); each row is an object of texts."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Final

from graphtwin.methods.reading.refusal import Refusal
from graphtwin.ports import Message
from graphtwin.sources.file_lines import MAX_READ, Limits, long_line
from graphtwin.sources.file_position import Mark
from graphtwin.sources.line_feed import Line, LineFeed
from graphtwin.sources.messages import Haul, malformed, text_of

_DELIMITERS: Final = (",", "\t", ";", "|")
_HINT: Final = "give every row as many cells as the header, and put cells with commas or line breaks in double quotes"


class BadHeader(Refusal):
    """A header that can't name the cells: nothing of the table can be read."""


def read_table(feed: LineFeed, mark: Mark, limits: Limits, haul: Haul) -> Mark:
    """Takes each row into the haul; answers with the mark behind the last row taken.

    An unfinished last line waits for one more reading: when it hasn't changed by then it is a row; in a roster it is
    one at once. A row that can't be read costs its first line only. Raises BadHeader.
    """
    start, number = feed.offset, mark.line
    more, tail = False, ""
    while line := feed.peek():
        if len(haul) >= limits.max_messages or feed.offset - start >= MAX_READ:
            more = True
            break
        lines = _row_of(feed, line, limits)
        if not lines[-1].ended and not limits.roster:
            tail = _hash(lines)
            if tail != mark.tail:
                break
            tail = ""
        place = f"{limits.name}:{number + 1}"
        if not mark.header:
            mark, lines = _with_header(line, mark), [line]
        elif not _take_row(lines, place, mark, limits, haul):
            lines = [line]
        for taken in lines:
            feed.take(taken)
        number += len(lines)
    return mark._replace(offset=feed.offset, prefix=feed.prefix, line=number, more=more, tail=tail)


def _row_of(feed: LineFeed, line: Line, limits: Limits) -> list[Line]:
    """The lines of one row: a cell in quotes may hold line breaks. Only the first where the quotes never close."""
    lines, quotes, size = [line], line.raw.count(b'"'), line.size
    while quotes % 2 and lines[-1].ended and not lines[-1].sha256:
        following = feed.following(lines[-1])
        size += following.size if following else 0
        if following is None or following.sha256 or size > limits.max_payload:
            return [line]
        lines.append(following)
        quotes += following.raw.count(b'"')
    return [line] if quotes % 2 and limits.roster else lines


def _with_header(line: Line, mark: Mark) -> Mark:
    """The mark that remembers the header in this line; the same mark for a blank line."""
    if _is_blank(line):
        return mark
    if line.sha256:
        raise BadHeader(f"the header has {line.size} bytes", "begin the file with a line that names the columns")
    try:
        text = text_of(line.raw).rstrip("\r\n")
        delimiter = max(_DELIMITERS, key=lambda one: (text.count(one), -_DELIMITERS.index(one)))
        names = tuple(name.strip() for name in _cells(text, delimiter))
    except Refusal as refusal:
        raise BadHeader(f"the header can't be read: {refusal.reason}", refusal.hint) from refusal
    for place, name in enumerate(names, start=1):
        if not name:
            raise BadHeader(f"column {place} has no name", "name every column in the first line")
        if names.index(name) + 1 != place:
            raise BadHeader(f"two columns are named {name!r}", "name each column once")
    return mark._replace(header=names, delimiter=delimiter)


def _take_row(lines: list[Line], place: str, mark: Mark, limits: Limits, haul: Haul) -> bool:
    """False when the row can't be read, so that only its first line is given up."""
    first = lines[0]
    if first.sha256:
        haul.malformed.append(long_line(first, place, limits.max_payload))
        return False
    raw = b"".join(line.raw for line in lines).rstrip(b"\r\n")
    if not raw.strip():
        return True
    try:
        cells = _cells(text_of(raw), mark.delimiter)
        if len(cells) != len(mark.header):
            raise Refusal(f"{len(cells)} cells where the header has {len(mark.header)}", _HINT)  # noqa: TRY301 - one way out
    except Refusal as refusal:
        haul.malformed.append(malformed(first.raw.rstrip(b"\r\n"), place, refusal))
        return False
    row = dict(zip(mark.header, cells, strict=True))
    at = mark.locus(first.offset), mark.position(first.offset)
    haul.messages.append(Message(raw, row, place, *at, table=True))
    return True


def _cells(text: str, delimiter: str) -> list[str]:
    if "\0" in text:
        raise Refusal("the row holds a NUL character", "write the table as plain UTF-8 text")
    if '"' not in text:
        return text.split(delimiter)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Refusal(f"not a table row: {error}", _HINT) from error
    if len(rows) != 1:
        raise Refusal("its quotes don't close", _HINT)
    return rows[0]


def _is_blank(line: Line) -> bool:
    return not line.raw.removeprefix(b"\xef\xbb\xbf").strip()


def _hash(lines: list[Line]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.raw + line.sha256.encode())
    return digest.hexdigest()
