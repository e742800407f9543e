"""A state in the forms that are published: canonical, as what differs, as a reference, flat (S21, S24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from graphtwin.methods.rules.derivation import finding_name
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.views.view_parts import Printer
from graphtwin.methods.views.view_value import shown_instant, write_time
from graphtwin.model.action import ActionRecord
from graphtwin.model.anchor import Anchor, AnchorKind
from graphtwin.model.commit import EventRecord, Head
from graphtwin.model.configuration.twin import Retention, TwinConfig
from graphtwin.model.configuration.twin_rules import Rule, Transition
from graphtwin.model.durations import format_duration
from graphtwin.model.entity import RelationshipEdge
from graphtwin.model.event import ObservationEvent
from graphtwin.model.rule import RuleRollback, TransitionRule
from graphtwin.model.snapshot import FlatEntity, FlatRelationship, FlatState, StateReference
from graphtwin.model.state import Edge, State
from graphtwin.model.variable import StateVariable
from graphtwin.model.world_state import (
    AuditRetention,
    ObservationRetention,
    RetentionPolicy,
    SnapshotRetention,
    WorldMeta,
    WorldState,
    index_state,
)

_ANCHOR_KINDS: Final = {
    "file": AnchorKind.FILE,
    "command": AnchorKind.TOOL,
    "mqtt": AnchorKind.SENSOR,
    "api": AnchorKind.API,
    "http": AnchorKind.API,
}


def world_state_view(
    state: State,
    *,
    head: Head,
    config: TwinConfig,
    lineage: Sequence[str] = (),
    parent: str | None = None,
    observations: Sequence[EventRecord] = (),
    actions: Sequence[ActionRecord] = (),
) -> WorldState:
    """The canonical form of a whole state, sorted; its hash can be computed from it alone (`hash_of_snapshot`).

    `head` is the version the state is of, `parent` and `lineage` (oldest first) are version ids.
    """
    printer = Printer(Policy(config), state.at.valid)
    entities = tuple(printer.entity(state.entities[id_]) for id_ in sorted(state.entities))
    relationships = relationships_of(printer, state, sorted(_reported(state)))
    variables = variables_of(printer, state)
    seen = tuple(_observation(event, config) for event in observations)
    return WorldState(
        meta=meta_of(state, head=head, config=config, lineage=lineage, parent=parent),
        entities=entities,
        relationships=relationships,
        state_variables=variables,
        observations=seen,
        transition_rules=tuple(_rule(rule) for rule in config.rules if rule.enabled),
        actions=tuple(actions),
        indexes=index_state(entities, relationships, variables, seen),
        retention_policy=_retention(config.retention),
    )


def meta_of(state: State, *, head: Head, config: TwinConfig, lineage: Sequence[str], parent: str | None) -> WorldMeta:
    """Which world, when, and which version."""
    return WorldMeta(
        world_id=head.world,
        as_of=shown_instant(state.at.valid),
        timezone=config.world.timezone,
        scope=config.world.title or None,
        owner=config.world.owner or None,
        notes=config.world.notes or None,
        version_id=head.version_id or None,
        parent_version_id=parent or None,
        lineage=tuple(lineage),
    )


def reference_view(ref: str, *, entities: int, hash: str) -> StateReference:  # noqa: A002 - the contract's word
    """Where the full state of a large world lies, with its hash."""
    return StateReference(ref=ref, entities=entities, hash=hash)


def flat_view(state: State) -> FlatState:
    """A state in short, for people: reported values beside id, type and status; relations as triples."""
    return FlatState(
        entities=tuple(_flat_entity(state, id_) for id_ in sorted(state.entities)),
        relationships=tuple(
            FlatRelationship(subject=subject, predicate=relation, object=target)
            for _, subject, relation, target in sorted(_reported(state))
        ),
    )


def _flat_entity(state: State, id_: str) -> FlatEntity:
    entity = state.entities[id_]
    values: dict[str, Any] = {
        name: held.value
        for name, held in sorted(entity.reported.items())
        if not name.startswith(finding_name("")) and name not in {"id", "type"}
    }
    heard = [held.observed_at for held in entity.reported.values()]
    if heard and "last_updated" not in values:
        values["last_updated"] = write_time(max(heard))
    return FlatEntity.model_validate({"id": entity.id, "type": entity.type, **values, "status": entity.status})


def _reported(state: State) -> Iterable[tuple[str, str, str, str]]:
    return (key for key in state.edges if key[0] == "reported")


def relationships_of(
    printer: Printer, state: State, keys: Iterable[tuple[Any, str, str, str]]
) -> tuple[RelationshipEdge, ...]:
    """The reported relations of some keys of a state."""
    return tuple(printer.edge(edge, _end_types(state, edge)) for edge in (state.edges[key] for key in keys))


def _end_types(state: State, edge: Edge) -> tuple[str | None, str | None]:
    ends = (state.entities.get(edge.subject), state.entities.get(edge.object))
    return (ends[0].type if ends[0] else None, ends[1].type if ends[1] else None)


def variables_of(
    printer: Printer, state: State, keys: Mapping[str, set[str]] | None = None
) -> tuple[StateVariable, ...]:
    """State variables by entity, name and layer, wished and expected relations among them; `keys` limits them to some
    names of some entities.
    """
    relations: dict[str, list[Edge]] = {}
    for _, edge in sorted(state.edges.items()):
        if edge.layer != "reported" and (keys is None or edge.relation in keys.get(edge.subject, ())):
            relations.setdefault(edge.subject, []).append(edge)
    found: list[StateVariable] = []
    for id_ in sorted(state.entities if keys is None else keys):
        entity = state.entities.get(id_)
        if entity is None:
            continue
        found += printer.variables(entity, None if keys is None else keys[id_])
        found += [printer.relation_variable(edge, entity.type) for edge in relations.get(id_, ())]
    return tuple(found)


def _observation(event: EventRecord, config: TwinConfig) -> ObservationEvent:
    source = config.sources.get(event.source)
    kind = _ANCHOR_KINDS[source.type] if source else AnchorKind.LOG
    return ObservationEvent(
        event_id=event.id,
        timestamp=shown_instant(event.timestamp),
        source=event.source,
        payload=event.canonical,
        anchors=(Anchor(ref=event.anchor or event.id, kind=kind),),
        parsed_as=(event.event_type,),
    )


def _rule(rule: Rule) -> TransitionRule:
    """A rule in the standard's words: its query sets it off. A step of a state machine leads to one state; what a derivation
    returns becomes so.
    """
    step = rule.transition
    said = rule.description or f"what the query of {rule.id} returns becomes so"
    return TransitionRule(
        rule_id=rule.id,
        trigger={
            "every": "commit",
            **({"for": format_duration(rule.lasting)} if rule.lasting else {}),
            **({"cypher": rule.cypher} if rule.cypher else {"file": rule.file}),
        },
        guards=(
            *((f"{step.variable} is {' or '.join(step.from_)}",) if step else ()),
            *(f"settled first: {name}" for name in rule.reads),
        ),
        effects=(f"{step.variable} becomes {step.to}",) if step else (said,),
        allowed_next_states=(step.to,) if step else (),
        rollback=_way_back(step) if step else None,
    )


def _way_back(step: Transition) -> RuleRollback | None:
    if not step.inverse:
        return None
    return RuleRollback(
        strategy="inverse", inverse_effects=(f"{step.variable} becomes {' or '.join(step.from_)} again",)
    )


def _retention(retention: Retention) -> RetentionPolicy | None:
    if retention.observations is None and retention.audit_logs is None and retention.snapshots is None:
        return None
    return RetentionPolicy(
        observations=ObservationRetention(max_age=_iso(retention.observations)),
        audit_logs=AuditRetention(max_age=_iso(retention.audit_logs)),
        snapshots=SnapshotRetention(max_count=retention.snapshots),
    )


def _iso(micros: int | None) -> str | None:
    return None if micros is None else format_duration(micros)
