"""When two records are one thing, when they are not, and who decides in between."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import Field, StrictBool, model_validator

from graphtwin.model.anchor import Anchor
from graphtwin.model.base import Confidence, Items, Text, Value


class Feature(StrEnum):
    """What can speak for two records being one thing."""

    EXACT_ID = "exact_id"
    NAMESPACE = "namespace"
    TYPE = "type"
    ATTRIBUTE_VALUES = "attribute_values"
    RELATIONSHIP_CONTEXT = "relationship_context"
    LABEL_OVERLAP = "label_overlap"
    ATTRIBUTE_KEY_OVERLAP = "attribute_key_overlap"
    TEMPORAL_COHERENCE = "temporal_coherence"


class FeatureWeights(Value):
    """How much each feature counts: `exact_id` decides alone, the others are shares of those that both sides have."""

    exact_id: Confidence = Field(default=1.0, description="Both carry the same stable id.")
    namespace: Confidence = Field(default=0.25, description="Both live in the same namespace.")
    type: Confidence = Field(default=0.2, description="Both are of one type.")
    attribute_values: Confidence = Field(default=0.2, description="Attributes that tell things apart are equal.")
    relationship_context: Confidence = Field(default=0.15, description="They have neighbours in common.")
    label_overlap: Confidence = Field(default=0.1, description="Their labels overlap (Jaccard).")
    attribute_key_overlap: Confidence = Field(default=0.1, description="They are described by the same attributes.")
    temporal_coherence: Confidence = Field(default=0.1, description="Their times fit together.")


class MatchBand(StrEnum):
    """What follows from a pair's confidence."""

    MERGE = "merge"
    SUGGEST = "suggest"
    REMEMBER = "remember"
    WATCH = "watch"
    SPLIT_REVIEW = "split_review"


class Thresholds(Value):
    """Where the bands of confidence begin."""

    auto_merge: Confidence = Field(default=0.9, description="From here on the pair is merged.")
    suggest_merge: Confidence = Field(default=0.75, description="From here on a person is asked.")
    no_merge: Confidence = Field(default=0.6, description="From here on the pair is remembered, nothing is done.")
    force_split_review: Confidence = Field(
        default=0.4, description="From here on a merged entity is watched; below, its split is reviewed."
    )

    @model_validator(mode="after")
    def _descending(self) -> Self:
        steps = (self.auto_merge, self.suggest_merge, self.no_merge, self.force_split_review)
        if list(steps) != sorted(steps, reverse=True):
            message = "thresholds must fall: auto_merge ≥ suggest_merge ≥ no_merge ≥ force_split_review"
            raise ValueError(message)
        return self

    def band(self, confidence: float) -> MatchBand:
        """The band a confidence falls into; a threshold belongs to the band above it."""
        for band, least in (
            (MatchBand.MERGE, self.auto_merge),
            (MatchBand.SUGGEST, self.suggest_merge),
            (MatchBand.REMEMBER, self.no_merge),
            (MatchBand.WATCH, self.force_split_review),
        ):
            if confidence >= least:
                return band
        return MatchBand.SPLIT_REVIEW


class HardConstraint(StrEnum):
    """What forbids a merge, whatever the confidence."""

    SAME_TYPE_OR_DECLARED_SUBTYPE = "same_type_or_declared_subtype"
    SAME_ORGANIZATION_OR_EXACT_STABLE_ID = "same_organization_or_exact_stable_id"
    NO_CONFLICTING_HIGH_SIGNAL_ATTRIBUTE = "no_conflicting_high_signal_attribute"


class CanonicalIdRule(StrEnum):
    """What decides which id a merged entity keeps (S14)."""

    DECLARED = "declared"
    HIGHER_TRUST = "higher_trust"
    EARLIER_COMMIT = "earlier_commit"
    SMALLER_FOUNDING_RECORD = "smaller_founding_record"


class SplitTrigger(StrEnum):
    """What casts doubt on a merge that was made."""

    CONFLICTING_HIGH_SIGNAL_ATTRIBUTES = "conflicting_high_signal_attributes"
    DISJOINT_NEIGHBOURHOODS_PERSIST = "disjoint_neighbourhoods_persist"
    OBSERVATIONS_ALTERNATE_BETWEEN_PLACES = "observations_alternate_between_places"
    CONFIDENCE_UNDER_FORCE_SPLIT_REVIEW = "confidence_under_force_split_review"


class IdentityPolicy(Value):
    """How records are resolved to entities; the constraints and triggers can be read, not switched off."""

    weights: FeatureWeights = Field(default=FeatureWeights(), description="How much each feature counts.")
    thresholds: Thresholds = Field(default=Thresholds(), description="Where the bands of confidence begin.")
    high_signal_attributes: tuple[Text, ...] = Field(
        default=("ip", "url", "serial", "serial_number", "employee_id"),
        description="Attributes whose values tell things apart; a world adds its own.",
    )


class MergeAction(Value):
    """Two entities held to be one."""

    into: Text = Field(description="The id that stays.")
    merged: Text = Field(description="The id that becomes an alias.")
    confidence: Confidence = Field(description="How sure it is.")
    performed: StrictBool = Field(description="Done, or only suggested.")
    features: Mapping[Feature, Confidence] = Field(default={}, description="How far each feature agreed.")
    action_id: str | None = Field(default=None, description="The action record that keeps it.")
    anchors: Items[Anchor] = Field(default=(), description="Evidence of it.")


class SplitAction(Value):
    """One entity held to be several."""

    entity: Text = Field(description="The id that was one and is deprecated.")
    parts: tuple[Text, ...] = Field(description="The ids it becomes.")
    trigger: SplitTrigger = Field(description="What cast doubt on it.")
    performed: StrictBool = Field(description="Done, or only suggested.")
    action_id: str | None = Field(default=None, description="The action record that keeps it.")
    anchors: Items[Anchor] = Field(default=(), description="Evidence of it.")


class Unresolved(Value):
    """A record that a person should look at."""

    record: Text = Field(description="The record, or the name that no record bears.")
    candidates: Items[Text] = Field(default=(), description="Entities it may be, the likeliest first.")
    confidence: Confidence | None = Field(default=None, description="Of the likeliest.")
    reason: Text = Field(description="Why it isn't settled.")


class IdentityResolution(Value):
    """What identity resolution answers."""

    identity_map: Mapping[str, Text] = Field(description="Every alias to its entity id.")
    merge_actions: tuple[MergeAction, ...] = Field(description="Merges done or suggested.")
    split_actions: tuple[SplitAction, ...] = Field(description="Splits done or suggested.")
    unresolved: tuple[Unresolved, ...] = Field(description="What a person should look at.")
