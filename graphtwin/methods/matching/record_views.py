"""What identity looks at in records: as new facts show them, and as they are known (S13)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from graphtwin.methods.matching.clusters import RecordView
from graphtwin.methods.matching.entity_ids import id_spaces, same_id_records
from graphtwin.methods.matching.identity import compared_text
from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import ROSTER, TYPE, Fact
from graphtwin.model.state import EntityState

_WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")


def views_of_facts(facts: Iterable[Fact]) -> dict[str, RecordView]:
    """The records that the facts give a type, with the attributes that the facts claim of them."""
    types: dict[str, str] = {}
    attributes: dict[str, dict[str, Any]] = defaultdict(dict)
    for fact in facts:
        if fact.op != "assert" or fact.layer != "reported" or fact.name == ROSTER:
            continue
        if fact.name == TYPE:
            types[fact.record] = str(fact.value)
        elif not fact.object and not isinstance(fact.value, dict | list):
            attributes[fact.record][fact.name] = fact.value
    return {record: RecordView(record, kind, "", attributes.get(record, {})) for record, kind in types.items()}


def with_known(
    new: Mapping[str, RecordView],
    known: Mapping[str, tuple[str, str]],
    attributes: Mapping[str, Mapping[str, Any]],
    returning: Mapping[str, str],
) -> dict[str, RecordView]:
    """The new records and the known ones: (type, entity) and identifying attributes of each; `returning` names the entities
    of new ones that were there before.
    """
    entities = {**returning, **{record: entity for record, (_, entity) in known.items()}}
    records = {
        record: RecordView(record, view.type, entities.get(record, ""), view.attributes) for record, view in new.items()
    }
    for record, (kind, entity) in known.items():
        if record not in records:
            records[record] = RecordView(record, kind, entity, attributes.get(record, {}))
    return records


def member_views(
    entities: Iterable[EntityState], records: Mapping[str, RecordView], policy: Policy
) -> dict[str, RecordView]:
    """All records of the entities, with the values that may forbid a merge; what a record says now goes before."""
    found: dict[str, RecordView] = {}
    for entity in entities:
        for record in entity.records:
            view = records.get(record, RecordView(record, entity.type, entity.id))
            found[record] = replace(view, attributes={**_signals(entity, policy), **view.attributes})
    return found


def same_id_pairs(new: Iterable[str], records: Mapping[str, RecordView], policy: Policy) -> list[tuple[str, str]]:
    """The pairs of a new record and another one that carry one id in one id space."""
    spaces = id_spaces(policy.config)
    return [
        (record, other)
        for record in new
        for other in same_id_records(record, spaces, policy.config)
        if other in records
    ]


def forms_of(value: Any) -> tuple[Any, ...]:
    """An identifying value as a source may have said it: a whole number as number and as text."""
    if value in (None, ""):
        return ()
    text = compared_text(value)
    if isinstance(value, bool) or not _WHOLE.fullmatch(text):
        return (value,)
    return (int(text), text)


def _signals(entity: EntityState, policy: Policy) -> dict[str, Any]:
    """The values by which an entity is told from others."""
    return {
        name: held.value
        for name, held in entity.reported.items()
        if (variable := policy.variable(entity.type, name)) is not None and variable.high_signal
    }
