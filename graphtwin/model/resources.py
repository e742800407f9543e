"""Where the files lie that come with graphtwin: inside the installed package, else in the source tree."""

from __future__ import annotations

from pathlib import Path


def resource_folder(name: str) -> Path:
    """The folder `cypher`, `examples` or `reference`, whether graphtwin was installed or runs from its sources."""
    package = Path(__file__).resolve().parents[1]
    packed = package / "_data" / name
    return packed if packed.is_dir() else package.parent / name
