"""The contract: required fields, enumerated words and fixed lists are exactly the standard's."""

from __future__ import annotations

from enum import StrEnum

import pytest

from graphtwin.model.action import ActionRecord, ActionStatus
from graphtwin.model.anchor import Anchor, AnchorKind
from graphtwin.model.base import Value
from graphtwin.model.catalogue import FailureMode, Gate, Retry, StepDefinition
from graphtwin.model.entity import Entity, EntityRef, RelationshipEdge
from graphtwin.model.event import (
    Event,
    EventProvenance,
    EventSeverity,
    EventSource,
    Metric,
    ObservationEvent,
    SourceKind,
)
from graphtwin.model.identity_policy import Feature, IdentityPolicy, IdentityResolution
from graphtwin.model.provenance import ProvenanceRecord
from graphtwin.model.quantity import Interval, Quantity, Uncertainty, UncertaintyType
from graphtwin.model.report import (
    Actions,
    Audit,
    DriftReport,
    DriftSeverity,
    NextSync,
    RiskAssessment,
    Rollback,
    SyncReport,
    SyncStatus,
    Verification,
    VerificationResult,
)
from graphtwin.model.rule import RuleRollback, TransitionRule
from graphtwin.model.snapshot import TwinSnapshot
from graphtwin.model.trust import AuthorityTrust, SourceClass, TieBreaker
from graphtwin.model.variable import StateVariable, VariableSource
from graphtwin.model.vocabulary import CORE_RELATIONS, DIGITAL_CLASSES, REAL_CLASSES, ConflictStrategy, SyncMode
from graphtwin.model.world_state import Indexes, RetentionPolicy, WorldMeta, WorldState

REQUIRED_AND_OPTIONAL = [
    (Anchor, "ref kind", "excerpt timestamp"),
    (Uncertainty, "type confidence", "interval distribution notes"),
    (Interval, "", "low high"),
    (Quantity, "value", "unit scale uncertainty"),
    (EntityRef, "entity_id", "entity_type alias"),
    (ProvenanceRecord, "claim_id created_at agent capability anchors", "transformations assumptions"),
    (Entity, "id type labels aliases attributes status provenance", "uncertainty"),
    (RelationshipEdge, "src dst relation", "attributes constraints uncertainty provenance"),
    (StateVariable, "name subject value timestamp source", "valid_for provenance tags"),
    (ObservationEvent, "event_id timestamp source payload anchors", "parsed_as uncertainty"),
    (TransitionRule, "rule_id trigger guards effects allowed_next_states", "rollback provenance"),
    (RuleRollback, "", "strategy inverse_effects"),
    (ActionRecord, "action_id timestamp actor intent status", "plan_ref changes verification anchors"),
    (WorldMeta, "world_id as_of timezone", "scope owner notes version_id parent_version_id lineage"),
    (Indexes, "by_entity by_variable by_time", ""),
    (RetentionPolicy, "", "observations audit_logs snapshots"),
    (
        WorldState,
        "meta entities relationships state_variables observations transition_rules actions indexes",
        "retention_policy",
    ),
    (
        Event,
        "event_id timestamp source event_type raw canonical anchors",
        "severity tags entity_refs metric uncertainty provenance",
    ),
    (EventSource, "kind name", "channel host"),
    (Metric, "name value", "unit window"),
    (EventProvenance, "transformer transform_version", "ruleset_id"),
    (IdentityResolution, "identity_map merge_actions split_actions unresolved", ""),
    (Retry, "max", "backoff"),
    (FailureMode, "condition action recovery", ""),
    (Gate, "when action message", ""),
    (
        StepDefinition,
        "capability purpose",
        (
            "risk mutation requires_checkpoint requires_approval timeout retry failure_modes input_bindings gates condition "
            "store_as output_conforms_to parallel_group"
        ),
    ),
    (
        SyncReport,
        (
            "workflow_id world_id sync_timestamp status twin_snapshot drift_report risk_assessment actions verification "
            "audit rollback next_sync confidence evidence_anchors assumptions"
        ),
        "details",
    ),
    (TwinSnapshot, "version state hash evidence_anchors", ""),
    (DriftReport, "anomalies_detected severity triggers evidence_anchors", ""),
    (RiskAssessment, "current_risk forecasted_risk risk_factors evidence_anchors", ""),
    (Actions, "executed plan_summary changes safety_gates_passed evidence_anchors", ""),
    (Verification, "result criteria_met evidence_anchors", ""),
    (Audit, "log_path provenance_chain evidence_anchors", ""),
    (Rollback, "available executed restore_point command", ""),
    (NextSync, "recommended_interval triggers", ""),
]

WORDS = [
    (AnchorKind, "file url tool log sensor human_note api"),
    (UncertaintyType, "epistemic aleatoric mixed"),
    (VariableSource, "observation inference prediction assumption constraint"),
    (ActionStatus, "planned approved executed failed rolled_back"),
    (SourceKind, "log api sensor message_bus human"),
    (EventSeverity, "debug info warn error critical"),
    (SyncStatus, "synced drift_detected action_taken rolled_back failed"),
    (DriftSeverity, "low medium high critical"),
    (VerificationResult, "PASS FAIL SKIPPED"),
    (SyncMode, "full incremental delta_only"),
    (
        SourceClass,
        "hardware_sensor system_of_record primary_api observability_pipeline derived_inference human_note",
    ),
    (
        ConflictStrategy,
        "prefer_authoritative_sources prefer_recent prefer_high_confidence merge_with_uncertainty escalate_to_human",
    ),
    (TieBreaker, "prefer_authoritative_source prefer_high_confidence escalate_to_human"),
    (
        Feature,
        (
            "exact_id namespace type attribute_values relationship_context label_overlap attribute_key_overlap "
            "temporal_coherence"
        ),
    ),
]


@pytest.mark.parametrize(("model", "required", "optional"), REQUIRED_AND_OPTIONAL)
def test_a_type_has_the_contracts_fields_and_no_other(model: type[Value], required: str, optional: str) -> None:
    demanded = [name for name, field in model.model_fields.items() if field.is_required()]

    assert sorted(demanded) == sorted(required.split())
    assert sorted(model.model_fields) == sorted([*required.split(), *optional.split()])


@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_an_enumerated_field_takes_the_contracts_words_in_its_order(words: type[StrEnum], expected: str) -> None:
    assert [word.value for word in words] == expected.split()


def test_core_relations_and_classes_are_the_contracts() -> None:
    assert (
        " ".join(CORE_RELATIONS) == "depends_on owns belongs_to located_in member_of produces consumes connected_to "
        "controls observes causes blocks enables"
    )
    assert " ".join(DIGITAL_CLASSES) == "service database host container artifact document dataset job queue endpoint"
    assert " ".join(REAL_CLASSES) == "person organization location asset sensor material process event"


def test_identity_weights_and_thresholds_are_the_contracts() -> None:
    policy = IdentityPolicy()

    assert list(policy.weights.model_dump().values()) == [1.0, 0.25, 0.2, 0.2, 0.15, 0.1, 0.1, 0.1]
    assert list(policy.weights.model_dump()) == [feature.value for feature in Feature]
    assert list(policy.thresholds.model_dump().values()) == [0.9, 0.75, 0.6, 0.4]


def test_trust_defaults_are_the_contracts() -> None:
    trust = AuthorityTrust().model_dump(mode="json")

    assert list(trust["source_weights"].values()) == [0.95, 0.92, 0.88, 0.8, 0.65, 0.55]
    assert (trust["half_life"], trust["min_trust"], trust["strategy"]) == ("P14D", 0.25, "prefer_authoritative_sources")
    assert trust["field_authority"]["serial_number"] == ["hardware_sensor", "system_of_record"]
