"""What changes about a thing over time."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from graphtwin.model.base import Instant, IsoDuration, Items, Text, Value
from graphtwin.model.entity import EntityRef
from graphtwin.model.provenance import ProvenanceRecord
from graphtwin.model.quantity import Quantity


class VariableSource(StrEnum):
    """How a state variable's value is known; a desired value is a constraint, a nominal one an assumption."""

    OBSERVATION = "observation"
    INFERENCE = "inference"
    PREDICTION = "prediction"
    ASSUMPTION = "assumption"
    CONSTRAINT = "constraint"


class StateVariable(Value):
    """One variable of one entity at one instant."""

    name: Text = Field(description="Name of the variable.")
    subject: EntityRef = Field(description="The entity it is about.")
    value: Quantity = Field(description="Its value then.")
    timestamp: Instant = Field(description="The instant from which the value was so (valid time).")
    source: VariableSource = Field(description="How the value is known; wishes and predictions never pass as readings.")
    valid_for: IsoDuration | None = Field(default=None, description="How long it may be relied on without a new claim.")
    provenance: Items[ProvenanceRecord] = Field(default=(), description="The claims it rests on.")
    tags: Items[str] = Field(default=(), description="Free words.")
