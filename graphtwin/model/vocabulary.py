"""The fixed words of the standard: relations, classes, and what each enumerated field may say."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

CORE_RELATIONS: Final = (
    "depends_on",
    "owns",
    "belongs_to",
    "located_in",
    "member_of",
    "produces",
    "consumes",
    "connected_to",
    "controls",
    "observes",
    "causes",
    "blocks",
    "enables",
)
"""Relations every world knows; others are allowed once a world declares them."""

DIGITAL_CLASSES: Final = (
    "service",
    "database",
    "host",
    "container",
    "artifact",
    "document",
    "dataset",
    "job",
    "queue",
    "endpoint",
)
REAL_CLASSES: Final = ("person", "organization", "location", "asset", "sensor", "material", "process", "event")
ENTITY_CLASSES: Final = DIGITAL_CLASSES + REAL_CLASSES
"""Classes every world knows; a world extends them by subtypes and labels."""


class SyncMode(StrEnum):
    """How much a sync reads and prints (S24)."""

    FULL = "full"
    INCREMENTAL = "incremental"
    DELTA_ONLY = "delta_only"


class RiskLevel(StrEnum):
    """How much a step can harm when it goes wrong."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ConflictStrategy(StrEnum):
    """How integrate settles claims that contradict each other."""

    PREFER_AUTHORITATIVE_SOURCES = "prefer_authoritative_sources"
    PREFER_RECENT = "prefer_recent"
    PREFER_HIGH_CONFIDENCE = "prefer_high_confidence"
    MERGE_WITH_UNCERTAINTY = "merge_with_uncertainty"
    ESCALATE_TO_HUMAN = "escalate_to_human"
