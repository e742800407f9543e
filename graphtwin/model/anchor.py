"""Where the evidence of a claim lies."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from graphtwin.model.base import Instant, Text, Value


class AnchorKind(StrEnum):
    """The sort of place an anchor points to."""

    FILE = "file"
    URL = "url"
    TOOL = "tool"
    LOG = "log"
    SENSOR = "sensor"
    HUMAN_NOTE = "human_note"
    API = "api"


class Anchor(Value):
    """A pointer to the evidence behind a claim."""

    ref: Text = Field(
        description="Where to look, in the terms of the kind: a path and line, an address, a run's output."
    )
    kind: AnchorKind = Field(description="The sort of place `ref` points to.")
    excerpt: str | None = Field(default=None, description="The words or bytes that matter there, quoted briefly.")
    timestamp: Instant | None = Field(default=None, description="When the evidence came into being.")

    @property
    def text(self) -> str:
        """The anchor as one word of the sync report: `kind:ref`, the kind said once."""
        prefix = f"{self.kind}:"
        return self.ref if self.ref.startswith(prefix) else prefix + self.ref
