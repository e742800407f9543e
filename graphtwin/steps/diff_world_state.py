"""diff_world_state: what this run changed, against the version before it."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.model.commit import Changes


@dataclass(frozen=True, slots=True)
class DiffWorldStateOut:
    """The differences, and a sentence for each that a person would want to read."""

    changes: Changes
    sentences: tuple[str, ...]
    anchors: tuple[str, ...]


def diff_world_state(changes: Changes) -> DiffWorldStateOut:
    """Changes in words: entities first, then relationships, then values."""
    return DiffWorldStateOut(
        changes=changes,
        sentences=(*_entities(changes), *_edges(changes), *_values(changes)),
        anchors=(f"tool:diff-world-state:v{changes.before_seq}..v{changes.after_seq}",),
    )


def _entities(changes: Changes) -> list[str]:
    return [
        f"{one.entity} appeared"
        if one.before is None
        else f"{one.entity} is gone"
        if one.after is None
        else f"{one.entity} changed its shape"
        for one in changes.entities
    ]


def _edges(changes: Changes) -> list[str]:
    sentences = []
    for one in changes.edges:
        _, subject, relation, target = one.key
        what = f"{subject} {relation} {target}"
        sentences.append(
            f"new: {what}" if one.before is None else f"gone: {what}" if one.after is None else f"changed: {what}"
        )
    return sentences


def _values(changes: Changes) -> list[str]:
    return [
        f"{one.entity} {one.name}: {one.before.value if one.before else 'unknown'} → {one.after.value if one.after else 'unknown'}"
        for one in changes.values
        if one.layer == "reported"
    ]
