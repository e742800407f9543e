"""The parts of the canonical form: how one entity, value or edge is printed, with its doubt and its provenance."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from graphtwin.methods.state.policy import Policy
from graphtwin.methods.views.view_value import shown_instant, write_quantity, write_value
from graphtwin.model.anchor import Anchor, AnchorKind
from graphtwin.model.durations import format_duration
from graphtwin.model.entity import Alias, AliasKind, Entity, EntityRef, RelationshipEdge
from graphtwin.model.fact import LAYERS, Layer
from graphtwin.model.provenance import ProvenanceRecord
from graphtwin.model.quantity import Interval, Quantity, Uncertainty, UncertaintyType
from graphtwin.model.state import Edge, EntityState, Held
from graphtwin.model.variable import StateVariable, VariableSource

EXPECTED: Final = "expected"
"""Tag of a state variable of the expected layer: a prediction or nominal value, never what is so."""
RELATION: Final = "relation"
"""Tag of a state variable that stands for a relation which is wished for or expected; its value is an entity id."""
OWN_NAMES: Final = frozenset({"status", "labels", "aliases"})
"""Claimed names that feed the entity's own fields besides being state variables (S17)."""

_REPORTED_AS: Final = {
    "observation": VariableSource.OBSERVATION,
    "inference": VariableSource.INFERENCE,
    "prediction": VariableSource.PREDICTION,
    "assumption": VariableSource.ASSUMPTION,
}
_CAPABILITY: Final = {
    "model": "world_model",
    "rule": "state_transition",
    "transition": "state_transition",
    "override": "override",
    "graphtwin": "plan",
}


class Printer:
    """Prints the parts of one state under one configuration; `valid` (epoch µs) is the instant the state is of."""

    def __init__(self, policy: Policy, valid: int) -> None:
        self._policy = policy
        self._valid = valid
        self.is_attribute = lru_cache(maxsize=None)(self._is_attribute)

    def _is_attribute(self, type_name: str, name: str) -> bool:
        """Declared as an attribute of the type: printed inside the entity instead of as a state variable."""
        variable = self._policy.variable(type_name, name)
        return variable is not None and variable.attribute

    def entity(self, entity: EntityState) -> Entity:
        """The entity with its membership (aliases of kind record), other names, attributes and their provenance."""
        attributes = {name: held for name, held in entity.reported.items() if self.is_attribute(entity.type, name)}
        names = dict.fromkeys(words_of(entity.reported.get("aliases")))
        return Entity(
            id=entity.id,
            type=entity.type,
            labels=tuple(dict.fromkeys(words_of(entity.reported.get("labels")))),
            aliases=(
                *(Alias(alias=record, kind=AliasKind.RECORD) for record in entity.records),
                *(Alias(alias=name) for name in names),
            ),
            attributes={name: write_value(held.value, held.unit) for name, held in sorted(attributes.items())},
            status=entity.status,
            provenance=tuple(self._provenance(held, name) for name, held in sorted(attributes.items())),
        )

    def variables(self, entity: EntityState, names: Iterable[str] | None = None) -> list[StateVariable]:
        """The values of an entity that aren't attributes, by name, then by layer; `names` limits them."""
        wanted = None if names is None else set(names)
        found = sorted(
            (name, LAYERS.index(layer))
            for layer in LAYERS
            for name in entity.layer(layer)
            if (wanted is None or name in wanted) and not (layer == "reported" and self.is_attribute(entity.type, name))
        )
        subject = EntityRef(entity_id=entity.id, entity_type=entity.type)
        return [self._variable(entity, subject, LAYERS[place], name) for name, place in found]

    def _variable(self, entity: EntityState, subject: EntityRef, layer: Layer, name: str) -> StateVariable:
        held = entity.layer(layer)[name]
        valid_for = self._policy.valid_for(entity.type, name, held.source) if layer == "reported" else None
        stale = valid_for is not None and self._valid - held.observed_at > valid_for
        return StateVariable(
            name=name,
            subject=subject,
            value=Quantity(
                value=write_quantity(held.value),
                unit=held.unit or None,
                uncertainty=self._doubt(held, entity.type, name, valid_for if stale else None),
            ),
            timestamp=shown_instant(held.valid_from),
            source=_source(layer, held),
            valid_for=format_duration(valid_for) if valid_for is not None else None,
            provenance=(self._provenance(held, name),),
            tags=_tags(layer, held, stale=stale),
        )

    def relation_variable(self, edge: Edge, subject_type: str) -> StateVariable:
        """A relation that is wished for or expected: a state variable, so that it never passes for one that is so."""
        return StateVariable(
            name=edge.relation,
            subject=EntityRef(entity_id=edge.subject, entity_type=subject_type),
            value=Quantity(value=edge.object, uncertainty=self._doubt(edge.held, subject_type, edge.relation, None)),
            timestamp=shown_instant(edge.held.valid_from),
            source=_source(edge.layer, edge.held),
            provenance=(self._provenance(edge.held, edge.relation),),
            tags=(*_tags(edge.layer, edge.held, stale=False), RELATION),
        )

    def edge(self, edge: Edge, types: tuple[str | None, str | None]) -> RelationshipEdge:
        """A reported relation; `types` are those of its ends."""
        return RelationshipEdge(
            src=EntityRef(entity_id=edge.subject, entity_type=types[0]),
            dst=EntityRef(entity_id=edge.object, entity_type=types[1]),
            relation=edge.relation,
            attributes={name: write_value(held.value, held.unit) for name, held in sorted(edge.attributes.items())},
            uncertainty=self._doubt(edge.held, types[0] or "", edge.relation, None),
            provenance=(self._provenance(edge.held, edge.relation),),
        )

    def _doubt(self, held: Held, type_name: str, name: str, overdue: int | None) -> Uncertainty | None:
        """None where nothing is in doubt. `overdue` is the `valid_for` (µs) of a stale value: its confidence halves
        with each half-life beyond it (S11).
        """
        confidence = held.confidence
        if overdue is not None:
            late = self._valid - held.observed_at - overdue
            confidence *= 2.0 ** -(late / self._policy.half_life(type_name, name))
        if confidence == 1 and not held.disputed and held.low is None:
            return None
        notes = [
            *(("its sources contradict each other without a clear winner",) if held.disputed else ()),
            *(("nothing newer came in time",) if overdue is not None else ()),
        ]
        measured = held.kind == "observation" and not notes
        return Uncertainty(
            type=UncertaintyType.ALEATORIC if measured else UncertaintyType.EPISTEMIC,
            confidence=confidence,
            interval=None if held.low is None and held.high is None else Interval(low=held.low, high=held.high),
            notes="; ".join(notes) or None,
        )

    @staticmethod
    def _provenance(held: Held, name: str) -> ProvenanceRecord:
        claim = held.fact or f"fusion:{held.record}/{name}"
        return ProvenanceRecord(
            claim_id=claim,
            created_at=shown_instant(held.observed_at),
            agent=held.source or "graphtwin",
            capability=_CAPABILITY.get(held.source, "transform"),
            anchors=(Anchor(ref=f"fact:{claim}", kind=AnchorKind.TOOL, excerpt=name),),
            transformations=("weighted mean of all claims",) if not held.fact else (),
            assumptions=("the most trusted of contradicting sources is right",) if held.disputed else (),
        )


def _source(layer: Layer, held: Held) -> VariableSource:
    """How a value is known. `constraint` is kept for the desired layer: the hash tells it by that (S21)."""
    if layer == "desired":
        return VariableSource.CONSTRAINT
    if layer == "expected":
        return VariableSource.PREDICTION if held.kind == "prediction" else VariableSource.ASSUMPTION
    return _REPORTED_AS.get(held.kind, VariableSource.INFERENCE)


def _tags(layer: Layer, held: Held, *, stale: bool) -> tuple[str, ...]:
    marks = ((EXPECTED, layer == "expected"), ("disputed", held.disputed), ("stale", stale))
    return tuple(tag for tag, given in marks if given)


def words_of(held: Held | None) -> list[str]:
    """The words of a claimed list, or of a single claimed word; what isn't text or is empty is left out."""
    value = held.value if held else ()
    listed = value if isinstance(value, list | tuple) else (value,)
    return [word for word in listed if isinstance(word, str) and word]
