"""What a configuration says about each field and source, compiled for speed: trust, half-life, strategy, relations."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import inf
from typing import Final

from graphtwin.model.configuration.twin import RelationType, Strategy, TwinConfig, Variable
from graphtwin.model.configuration.twin_rules import Machine
from graphtwin.model.fact import ENTITY, ROSTER, TYPE
from graphtwin.model.machine import TRANSITION

SOURCE_WEIGHTS: Final[Mapping[str, float]] = {
    "hardware_sensor": 0.95,
    "system_of_record": 0.92,
    "primary_api": 0.88,
    "observability_pipeline": 0.8,
    "derived_inference": 0.65,
    "human_note": 0.55,
}
OVERRIDE: Final = "override"
"""The source of a person's overrides: they outrank every claim until withdrawn (S11)."""
PLAN: Final = "plan"
"""The source of what graphtwin wants while it acts: an approved plan outranks the standing wishes of the model (S10, S31). It
speaks in the desired and expected layers alone.
"""
FOLLOWERS: Final = ("rule:", f"{OVERRIDE}:", f"{PLAN}:", "transition:")
"""Records by which rules, persons and plans speak of things that others report: they found nothing, keep nothing active, and
go where their thing goes."""

OUTRANKING: Final = frozenset({OVERRIDE, PLAN})
"""Sources that are believed above all others."""

_DECIDED: Final = 1.0
"""A step of a state machine is believed like the surest of sources when it is taken; what comes later is weighed against it."""
_AUTHORITY_STEP: Final = 0.9
_SYSTEM_CLASS: Final = {"model": "system_of_record", "rule": "derived_inference", "graphtwin": "derived_inference"}
SYSTEM_SOURCES: Final = frozenset({*_SYSTEM_CLASS, TRANSITION, *OUTRANKING})
"""Sources by which graphtwin itself, a person or a plan speaks."""
SYSTEM_NAMES: Final = frozenset({TYPE, ENTITY, ROSTER})


class Policy:
    """A configuration's answers about sources and fields; immutable and cheap to ask."""

    def __init__(self, config: TwinConfig) -> None:
        self.config = config
        self._relations: dict[str, RelationType] = dict(config.relations)
        self.trust = lru_cache(maxsize=None)(self._trust)
        self.half_life = lru_cache(maxsize=None)(self._half_life)
        self.strategy = lru_cache(maxsize=None)(self._strategy)

    def variable(self, type_name: str, name: str) -> Variable | None:
        """The declaration of a type's variable, inherited along `is_a`, or of a relation's attribute (`runs_on.since`);
        None if it isn't declared.
        """
        if parts := self.attribute_of(name):
            return self._relations[parts[0]].attributes.get(parts[1])
        kinds = (self.config.types[one].variables for one in self.lineage(type_name))
        return next((variables[name] for variables in kinds if name in variables), None)

    def variables(self, type_name: str) -> frozenset[str]:
        """The names of a type's declared variables, inherited ones included."""
        found: set[str] = set()
        for name in self.lineage(type_name):
            found |= self.config.types[name].variables.keys()
        return frozenset(found)

    def lineage(self, type_name: str) -> tuple[str, ...]:
        """The declared types that a type is, its own first, along `is_a`."""
        seen: list[str] = []
        while type_name in self.config.types and type_name not in seen:
            seen.append(type_name)
            type_name = self.config.types[type_name].is_a
        return tuple(seen)

    def machine(self, type_name: str, name: str) -> Machine | None:
        """The state machine that a type's variable is, if it is one."""
        variable = self.variable(type_name, name)
        return variable.machine if variable else None

    def is_relation(self, name: str) -> bool:
        """Declared as a relation."""
        return name in self._relations

    def functional(self, relation: str) -> bool:
        """At most one object at a time."""
        return self._relations[relation].functional

    def attribute_of(self, name: str) -> tuple[str, str] | None:
        """("runs_on", "since") for the name `runs_on.since` of a declared relation's attribute."""
        relation, dot, attribute = name.partition(".")
        return (relation, attribute) if dot and relation in self._relations else None

    def retire_after(self, source: str) -> int:
        """How many rosters in a row a record may miss before it is retired (S24)."""
        configured = self.config.sources.get(source)
        return configured.retire_after if configured else 2

    def source_class(self, source: str) -> str:
        """The trust class of a configured source or of one of graphtwin's own."""
        configured = self.config.sources.get(source)
        return configured.trust if configured else _SYSTEM_CLASS.get(source, "human_note")

    def source_trust(self, source: str) -> float:
        """How far a source is believed, whatever the field: 0 to 1."""
        configured = self.config.sources.get(source)
        if source in self.config.trust.sources:
            return self.config.trust.sources[source]
        if configured and configured.weight is not None:
            return configured.weight
        kind = self.source_class(source)
        declared = {str(name): weight for name, weight in self.config.trust.classes.items()}
        return declared.get(kind, SOURCE_WEIGHTS[kind])

    def _trust(self, source: str, type_name: str, name: str) -> float:
        """trust(source, field) of S11, at least min_trust; a person's override, and an approved plan, are above every source.

        Where the field names its authorities, the first keeps its trust, each later one loses a tenth, and a source
        that isn't named falls to min_trust.
        """
        if source in OUTRANKING:
            return inf
        if source == TRANSITION:
            return _DECIDED
        floor = self.config.trust.min_trust
        variable = self.variable(type_name, name)
        weight = self.source_trust(source)
        if variable and variable.authority:
            names = (source, self.source_class(source))
            ranks = [rank for rank, authority in enumerate(variable.authority) if authority in names]
            weight = weight * _AUTHORITY_STEP ** ranks[0] if ranks else 0.0
        return max(floor, weight)

    def _half_life(self, type_name: str, name: str) -> int:
        """Microseconds after which a claim counts half; it belongs to the field (S11). A relation's attribute is an
        attribute.
        """
        variable = self.variable(type_name, name)
        if variable and variable.half_life:
            return variable.half_life
        if variable and not variable.attribute and not self.attribute_of(name):
            return self.config.trust.half_life_variables
        return self.config.trust.half_life_attributes

    def _strategy(self, type_name: str, name: str) -> Strategy:
        variable = self.variable(type_name, name)
        return (variable.strategy if variable else None) or self.config.trust.strategy

    def valid_for(self, type_name: str, name: str, source: str) -> int | None:
        """Microseconds after which a claim is stale: declared, else three times the cadence; None if never, as what a
        person decided (S11).
        """
        if source == OVERRIDE:
            return None
        variable = self.variable(type_name, name)
        if variable and variable.valid_for:
            return variable.valid_for
        configured = self.config.sources.get(source)
        cadence = (variable.cadence if variable else None) or (configured.cadence if configured else None)
        return 3 * cadence if cadence else None
