"""The published defaults of identity resolution and of trust, with what each of them means."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from graphtwin.model.base import Value
from graphtwin.model.identity_policy import (
    CanonicalIdRule,
    FeatureWeights,
    HardConstraint,
    IdentityPolicy,
    IdentityResolution,
    MatchBand,
    SplitTrigger,
    Thresholds,
)
from graphtwin.model.published.publish_schema import JsonObject, typed_schema_of
from graphtwin.model.trust import AuthorityTrust, OverridePolicy, SourceClass, TieBreaker
from graphtwin.model.vocabulary import ConflictStrategy

_BANDS: Mapping[MatchBand, str] = {
    MatchBand.MERGE: "at or above auto_merge: merged, and it can be undone exactly",
    MatchBand.SUGGEST: "from suggest_merge to auto_merge: listed as unresolved until a person decides",
    MatchBand.REMEMBER: "from no_merge to suggest_merge: the pair is remembered, nothing is done",
    MatchBand.WATCH: "from force_split_review to no_merge: of an entity once merged, it is watched",
    MatchBand.SPLIT_REVIEW: "below force_split_review: of an entity once merged, its split is put to a person",
}
_HARD_CONSTRAINTS: Mapping[HardConstraint, str] = {
    HardConstraint.SAME_TYPE_OR_DECLARED_SUBTYPE: "Both are of one type, or one type is declared a subtype or alias of the other.",
    HardConstraint.SAME_ORGANIZATION_OR_EXACT_STABLE_ID: "Both belong to one organization, or share a stable id exactly.",
    HardConstraint.NO_CONFLICTING_HIGH_SIGNAL_ATTRIBUTE: "No attribute that tells things apart has two values.",
}
_CANONICAL_ID: Mapping[CanonicalIdRule, str] = {
    CanonicalIdRule.DECLARED: "an id that the model declares",
    CanonicalIdRule.HIGHER_TRUST: "else the id minted by the more trusted source",
    CanonicalIdRule.EARLIER_COMMIT: "else the one known first",
    CanonicalIdRule.SMALLER_FOUNDING_RECORD: "else the one whose founding record's id sorts first",
}
_MERGE_RULES = (
    "The other id stays an alias for ever and comes back when the merge is undone.",
    "Aliases of both are kept, each with its own confidence.",
    "Where attributes contradict each other, the authoritative source wins; else doubt grows or both are kept.",
    "Relations follow the id that stays and remember which end they came from.",
    "An action record keeps the evidence and the reason.",
)
_SPLIT_TRIGGERS: Mapping[SplitTrigger, str] = {
    SplitTrigger.CONFLICTING_HIGH_SIGNAL_ATTRIBUTES: "Attributes that tell things apart have come to differ.",
    SplitTrigger.DISJOINT_NEIGHBOURHOODS_PERSIST: "Its neighbours fall into two groups that stay apart.",
    SplitTrigger.OBSERVATIONS_ALTERNATE_BETWEEN_PLACES: "It is seen by turns in places too far from each other.",
    SplitTrigger.CONFIDENCE_UNDER_FORCE_SPLIT_REVIEW: "The confidence of the merge has sunk below force_split_review.",
}
_SPLIT_RULES = (
    "Each part gets a stable id of its own; the old id is deprecated and leads to them.",
    "Aliases, attributes, relations and variables go to the part that the evidence speaks for.",
    "An action record keeps the evidence and the reason.",
)
_SOURCE_CLASSES: Mapping[SourceClass, str] = {
    SourceClass.HARDWARE_SENSOR: "An instrument that measures the thing itself.",
    SourceClass.SYSTEM_OF_RECORD: "The register that answers for the fact.",
    SourceClass.PRIMARY_API: "The thing's own interface, asked directly.",
    SourceClass.OBSERVABILITY_PIPELINE: "Logs, metrics and traces that passed through other hands.",
    SourceClass.DERIVED_INFERENCE: "What was concluded from other claims.",
    SourceClass.HUMAN_NOTE: "What a person wrote down.",
}
_STRATEGIES: Mapping[ConflictStrategy, str] = {
    ConflictStrategy.PREFER_AUTHORITATIVE_SOURCES: "The highest score wins, with the say of the field's authorities.",
    ConflictStrategy.PREFER_RECENT: "The claim observed last wins.",
    ConflictStrategy.PREFER_HIGH_CONFIDENCE: "The claim that is surest of itself wins.",
    ConflictStrategy.MERGE_WITH_UNCERTAINTY: "Numbers are averaged by score, and the interval spans them.",
    ConflictStrategy.ESCALATE_TO_HUMAN: "The authoritative claim is shown as disputed; no plan may rest on it.",
}
_TIE_BREAKERS: Mapping[TieBreaker, str] = {
    TieBreaker.PREFER_AUTHORITATIVE_SOURCE: "the source with the say on the field",
    TieBreaker.PREFER_HIGH_CONFIDENCE: "else the claim of higher confidence",
    TieBreaker.ESCALATE_TO_HUMAN: "else a person",
}


def identity_document() -> JsonObject:
    """The identity resolution policy as it is when a world declares nothing else."""
    policy = IdentityPolicy()
    output, types = typed_schema_of(IdentityResolution)
    return {
        "schema": {
            "name": "identity_resolution_policy",
            "version": "1.0.0",
            "description": "When records are held to be one thing, when they are parted again, and who decides.",
        },
        "confidence": {
            "rule": "exact_id decides alone. Without it, the weights of the features that both sides have are divided "
            "by their sum, and the confidence is the weighted agreement.",
            "weights": _explained(FeatureWeights, policy.weights),
            "high_signal_attributes": list(policy.high_signal_attributes),
        },
        "thresholds": _explained(Thresholds, policy.thresholds),
        "bands": _texts(_BANDS),
        "merge": {
            "hard_constraints": _texts(_HARD_CONSTRAINTS),
            "canonical_id": _texts(_CANONICAL_ID),
            "rules": list(_MERGE_RULES),
        },
        "split": {"triggers": _texts(_SPLIT_TRIGGERS), "rules": list(_SPLIT_RULES)},
        "types": types,
        "outputs": output,
    }


def trust_document() -> JsonObject:
    """The authority and trust model as it is when a world declares nothing else."""
    trust = AuthorityTrust()
    plain = trust.model_dump(mode="json")
    fields = AuthorityTrust.model_fields
    return {
        "schema": {
            "name": "authority_trust_model",
            "version": "1.0.0",
            "description": "How far each source is believed, on which field, and how that fades with age.",
        },
        "source_classes": {
            source_class.value: {"weight": trust.source_weights[source_class], "description": text}
            for source_class, text in _SOURCE_CLASSES.items()
        },
        "field_authority": plain["field_authority"],
        "score": {
            "formula": "trust(source, field) * confidence * recency",
            "recency": "2 ** -(age / half_life)",
            "note": "A claim one half-life old counts half. Published texts also give exp(-age / half_life), which is "
            "0.368 there; graphtwin keeps to the word.",
        },
        "decay": {
            name: {"value": plain[name], "description": fields[name].description}
            for name in ("half_life", "variable_half_life", "min_trust")
        },
        "conflict_strategies": {"default": trust.strategy.value, **_texts(_STRATEGIES)},
        "tie_breakers": [
            {"name": breaker.value, "description": _TIE_BREAKERS[breaker]} for breaker in trust.tie_breakers
        ],
        "overrides": _explained(OverridePolicy, trust.overrides),
    }


def _explained(model: type[Value], defaults: Value) -> JsonObject:
    """Each default of the model beside what it means."""
    values = defaults.model_dump(mode="json")
    return {
        name: {"value": values[name], "description": field.description} for name, field in model.model_fields.items()
    }


def _texts(meanings: Mapping[Any, str]) -> JsonObject:
    """The meanings under their published words."""
    return {word.value if isinstance(word, StrEnum) else word: text for word, text in meanings.items()}
