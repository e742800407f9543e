"""How far each source is believed, per field and over time."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import Field, StrictBool, model_validator

from graphtwin.model.base import Confidence, Duration, Value
from graphtwin.model.vocabulary import ConflictStrategy


class SourceClass(StrEnum):
    """What a source is, in descending order of trust; each configured source declares its class."""

    HARDWARE_SENSOR = "hardware_sensor"
    SYSTEM_OF_RECORD = "system_of_record"
    PRIMARY_API = "primary_api"
    OBSERVABILITY_PIPELINE = "observability_pipeline"
    DERIVED_INFERENCE = "derived_inference"
    HUMAN_NOTE = "human_note"


class TieBreaker(StrEnum):
    """What settles equal scores."""

    PREFER_AUTHORITATIVE_SOURCE = "prefer_authoritative_source"
    PREFER_HIGH_CONFIDENCE = "prefer_high_confidence"
    ESCALATE_TO_HUMAN = "escalate_to_human"


class OverridePolicy(Value):
    """What a person who overrules the sources must bring."""

    allowed: StrictBool = Field(default=True, description="Whether people may overrule sources at all.")
    requires_anchors: StrictBool = Field(default=True, description="Whether they must name their evidence.")
    audited: StrictBool = Field(default=True, description="Whether the audit log keeps it.")


DEFAULT_WEIGHTS: Mapping[SourceClass, float] = {
    SourceClass.HARDWARE_SENSOR: 0.95,
    SourceClass.SYSTEM_OF_RECORD: 0.92,
    SourceClass.PRIMARY_API: 0.88,
    SourceClass.OBSERVABILITY_PIPELINE: 0.8,
    SourceClass.DERIVED_INFERENCE: 0.65,
    SourceClass.HUMAN_NOTE: 0.55,
}

DEFAULT_FIELD_AUTHORITY: Mapping[str, tuple[SourceClass, ...]] = {
    "serial_number": (SourceClass.HARDWARE_SENSOR, SourceClass.SYSTEM_OF_RECORD),
}


class AuthorityTrust(Value):
    """Trust in sources: a claim scores trust in its source times its confidence times 2^-(age / half-life)."""

    source_weights: Mapping[SourceClass, Confidence] = Field(
        default=DEFAULT_WEIGHTS, description="Trust in each class of source before age counts."
    )
    field_authority: Mapping[str, tuple[SourceClass, ...]] = Field(
        default=DEFAULT_FIELD_AUTHORITY,
        description="Classes that have the say on a field, the first one most.",
    )
    half_life: Duration = Field(
        default="P14D", description="Age at which an attribute's claim counts half; a claim that restates it renews it."
    )
    variable_half_life: Duration = Field(
        default="PT1H", description="The same for state variables, which change faster."
    )
    min_trust: Confidence = Field(default=0.25, description="No source is trusted less than this.")
    strategy: ConflictStrategy = Field(
        default=ConflictStrategy.PREFER_AUTHORITATIVE_SOURCES, description="How contradictions are settled."
    )
    tie_breakers: tuple[TieBreaker, ...] = Field(
        default=tuple(TieBreaker), description="What settles equal scores, tried in order."
    )
    overrides: OverridePolicy = Field(default=OverridePolicy(), description="What a person who overrules must bring.")

    @model_validator(mode="after")
    def _weighs_every_class(self) -> Self:
        missing = [source_class.value for source_class in SourceClass if source_class not in self.source_weights]
        if missing:
            message = f"source_weights lacks {', '.join(missing)}"
            raise ValueError(message)
        return self
