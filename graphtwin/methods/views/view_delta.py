"""What differs from a base version, in canonical form: applied to the base's full form it gives the full form (S24).

Whoever applies it replaces entities by id and relationships by (src, relation, dst); of each (subject, name) that stands
in `state_variables` or in `removed` every variable of the base goes, then those listed come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphtwin.methods.state.policy import Policy
from graphtwin.methods.views.view_parts import OWN_NAMES, Printer
from graphtwin.methods.views.view_state import meta_of, relationships_of, variables_of
from graphtwin.model.commit import Changes, Head
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.entity import EntityRef
from graphtwin.model.snapshot import Removed, RemovedRelationship, RemovedVariable, StateDelta
from graphtwin.model.state import EntityState, State


def delta_view(
    state: State,
    changes: Changes,
    *,
    base: str,
    head: Head,
    config: TwinConfig,
    lineage: Sequence[str] = (),
    parent: str | None = None,
) -> StateDelta:
    """What of `state` is new or differs by `changes` (from the base named `base`, such as v46, to this state)."""
    printer = Printer(Policy(config), state.at.valid)
    touched = _touched_entities(changes, printer, state)
    names = _touched_names(changes)
    variables = variables_of(printer, state, names)
    printed = {(variable.subject.entity_id, variable.name) for variable in variables}
    edges = [one for one in changes.edges if one.key[0] == "reported"]
    return StateDelta(
        base=base,
        meta=meta_of(state, head=head, config=config, lineage=lineage, parent=parent),
        entities=tuple(printer.entity(state.entities[id_]) for id_ in sorted(touched & state.entities.keys())),
        relationships=relationships_of(printer, state, sorted(one.key for one in edges if one.after)),
        state_variables=variables,
        removed=Removed(
            entities=tuple(one.entity for one in changes.entities if one.after is None),
            relationships=tuple(
                RemovedRelationship(src=one.key[1], relation=one.key[2], dst=one.key[3])
                for one in sorted(edges, key=lambda one: one.key)
                if one.after is None
            ),
            state_variables=tuple(
                RemovedVariable(subject=EntityRef(entity_id=id_), name=name)
                for id_, name in sorted(_said_before(changes, printer, state))
                if (id_, name) not in printed
            ),
        ),
    )


def _touched_entities(changes: Changes, printer: Printer, state: State) -> set[str]:
    """Entities whose own form differs: shape, lifecycle, an attribute, or a claim that feeds one of their fields."""
    touched = {one.entity for one in changes.entities} | {one.entity for one in changes.lifecycles}
    for one in changes.values:
        entity = state.entities.get(one.entity)
        if (
            entity
            and one.layer == "reported"
            and (one.name in OWN_NAMES or printer.is_attribute(entity.type, one.name))
        ):
            touched.add(one.entity)
    return touched


def _touched_names(changes: Changes) -> dict[str, set[str]]:
    """Names by entity whose state variables differ; all of an entity's where its type does, since that says which of
    its values are attributes.
    """
    names: dict[str, set[str]] = {}
    for one in changes.values:
        names.setdefault(one.entity, set()).add(one.name)
    for edge in changes.edges:
        if edge.key[0] != "reported":
            names.setdefault(edge.key[1], set()).add(edge.key[2])
    for shape in changes.entities:
        if shape.before and shape.after and shape.before.type != shape.after.type:
            names.setdefault(shape.entity, set()).update(_names(shape.before), _names(shape.after))
    return names


def _said_before(changes: Changes, printer: Printer, state: State) -> set[tuple[str, str]]:
    """The (entity, name) of touched state variables that the base had."""
    before = {one.entity: one.before for one in changes.entities if one.before}
    said = {(edge.key[1], edge.key[2]) for edge in changes.edges if edge.key[0] != "reported" and edge.before}
    for one in changes.values:
        entity = before.get(one.entity) or state.entities.get(one.entity)
        inside = one.layer == "reported" and entity is not None and printer.is_attribute(entity.type, one.name)
        if one.before is not None and not inside:
            said.add((one.entity, one.name))
    for shape in changes.entities:
        if shape.before and shape.after and shape.before.type != shape.after.type:
            said.update((shape.entity, variable.name) for variable in printer.variables(shape.before))
    return said


def _names(entity: EntityState) -> Iterable[str]:
    return {*entity.reported, *entity.desired, *entity.expected}
