"""How a source's file is written: as declared, else as its ending says."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final, Literal

from graphtwin.model.configuration.twin_sources import Source

FileFormat = Literal["csv", "jsonl", "json", "yaml"]

FORMAT_BY_ENDING: Final[dict[str, FileFormat]] = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".log": "jsonl",
    ".json": "json", ".yaml": "yaml", ".yml": "yaml",
}  # fmt: skip


def file_format(source: Source) -> FileFormat | None:
    """The format of a file source; None where neither `format` nor the ending tells, and for other sources."""
    if source.type != "file":
        return None
    return FORMAT_BY_ENDING.get(PurePath(source.path).suffix.lower()) if source.format == "auto" else source.format
