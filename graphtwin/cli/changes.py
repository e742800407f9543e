"""What a decision changes, in a few lines: for programs and for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from graphtwin.cli.output import say, worded

if TYPE_CHECKING:
    from graphtwin.model.commit import Changes
    from graphtwin.model.state import Held

_SHOWN: Final = 20


def changes_of(changes: Iterable[Changes]) -> list[dict[str, Any]]:
    """Each thing that differs, in the order in which it came to."""
    return [one for part in changes for one in (*_entities(part), *_edges(part), *_values(part))]


def print_changes(changes: Iterable[Changes]) -> None:
    """The first of them as lines."""
    found = changes_of(changes)
    for one in found[:_SHOWN]:
        name = f".{one['name']}" if one["what"] == "value" else ""
        layer = f" ({one['layer']})" if one.get("layer", "reported") != "reported" else ""
        say(f"  {one['subject']}{name}: {_side(one, 'before')} → {_side(one, 'after')}{layer}")
    if len(found) > _SHOWN:
        say(f"  and {len(found) - _SHOWN} more")
    if not found:
        say("  nothing that is shown changes")


def _side(one: Mapping[str, Any], side: str) -> str:
    if one[side] is None:
        return "nothing"
    return f"{worded(one[side])} {one.get(f'{side}_unit', '')}".rstrip()


def _entities(part: Changes) -> Iterable[dict[str, Any]]:
    for one in part.entities:
        before, after = (list(side.records) if side else None for side in (one.before, one.after))
        yield {"what": "entity", "subject": one.entity, "before": before, "after": after}


def _edges(part: Changes) -> Iterable[dict[str, Any]]:
    for one in part.edges:
        layer, subject, relation, target = one.key
        before, after = ("there" if side else None for side in (one.before, one.after))
        yield {
            "what": "relation",
            "subject": f"{subject} {relation} {target}",
            "layer": layer,
            "before": before,
            "after": after,
        }


def _values(part: Changes) -> Iterable[dict[str, Any]]:
    for one in part.values:
        yield {
            "what": "value",
            "subject": one.entity,
            "name": one.name,
            "layer": one.layer,
            "before": _value(one.before),
            "after": _value(one.after),
            "before_unit": one.before.unit if one.before else "",
            "after_unit": one.after.unit if one.after else "",
        }


def _value(held: Held | None) -> Any:
    return held.value if held else None
