"""Who made a claim, by which capability, from which evidence."""

from __future__ import annotations

from pydantic import Field

from graphtwin.model.anchor import Anchor
from graphtwin.model.base import Instant, Items, Text, Value


class ProvenanceRecord(Value):
    """The origin of one claim."""

    claim_id: Text = Field(description="The claim this is the origin of; for graphtwin a fact's id.")
    created_at: Instant = Field(description="When the claim was made.")
    agent: Text = Field(description="Who made it: a source, a person or a component.")
    capability: Text = Field(description="The step or ability it was made with.")
    anchors: tuple[Anchor, ...] = Field(description="The evidence it rests on.")
    transformations: Items[str] = Field(default=(), description="What was done to the evidence on the way, in order.")
    assumptions: Items[str] = Field(default=(), description="What was taken for granted.")
