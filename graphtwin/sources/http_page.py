"""One page of an HTTP source as messages: JSON, JSON lines, CSV or YAML, whatever it says it is."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from graphtwin.methods.reading.file_format import FORMAT_BY_ENDING, FileFormat
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.sources.file_document import read_document
from graphtwin.sources.file_lines import Limits, read_json_lines
from graphtwin.sources.file_position import Mark
from graphtwin.sources.file_table import read_table
from graphtwin.sources.line_feed import LineFeed
from graphtwin.sources.messages import Haul
from graphtwin.wire.http_visit import Page

READING_STEP: Final = 2**24
"""Distance between the positions of two readings: later ones win, and within one what was said later."""

_BY_TYPE: Final[dict[str, FileFormat]] = {
    "application/json": "json", "text/json": "json",
    "application/x-ndjson": "jsonl", "application/ndjson": "jsonl", "application/jsonl": "jsonl",
    "application/json-lines": "jsonl", "application/x-jsonlines": "jsonl", "application/json-seq": "jsonl",
    "text/csv": "csv", "application/csv": "csv", "text/tab-separated-values": "csv",
    "application/yaml": "yaml", "application/x-yaml": "yaml", "text/yaml": "yaml",
}  # fmt: skip


def take_page(page: Page, limits: Limits, number: int, source: Source, haul: Haul) -> bool:
    """Takes a page's messages into the haul of the reading of that number; answers whether more of them are left than
    `limits` allow. Raises Refusal for a table that can't be read at all.
    """
    if not page.body.strip():
        return False
    taken = Haul()
    mark = _read(page_format(page, source), page.body, limits, taken)
    for message in taken.messages:
        index = len(haul)
        haul.messages.append(replace(message, locus=f"r{number}.{index}", position=number * READING_STEP + index))
    haul.malformed.extend(taken.malformed)
    return mark.more


def page_format(page: Page, source: Source) -> FileFormat:
    """How a page is written: as the source declares, else as the page says, else as its address ends, else JSON."""
    if source.format != "auto":
        return source.format
    kind = page.headers.get("content-type", "").partition(";")[0].strip().lower()
    by_type = _BY_TYPE.get(kind) or ("json" if kind.endswith("+json") else None)
    return by_type or FORMAT_BY_ENDING.get(PurePosixPath(page.url.path).suffix.lower(), "json")


def _read(form: FileFormat, body: bytes, limits: Limits, haul: Haul) -> Mark:
    if form in ("json", "yaml"):
        return read_document(body, Mark(), limits, haul, "yaml" if form == "yaml" else "json")
    whole = body if body.endswith(b"\n") else body + b"\n"  # what was sent in full is a full line
    feed = LineFeed(io.BytesIO(whole), hashlib.sha256(), 0, limits.max_payload)
    return (read_table if form == "csv" else read_json_lines)(feed, Mark(), limits, haul)
