"""What differs after several changes, each of which began where the one before ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from graphtwin.methods.state.compare import same_attributes, same_value, shape_of
from graphtwin.model.commit import Changes, EdgeChange, EntityChange, LifecycleChange, ValueChange
from graphtwin.model.fact import LAYERS
from graphtwin.model.state import Edge, EntityState

_C = TypeVar("_C", EntityChange, ValueChange, EdgeChange, LifecycleChange)


def net_changes(steps: Sequence[Changes]) -> Changes:
    """The changes from before the first of `steps` (at least one) to after the last, sorted as `compare` has them: what
    was undone on the way is none. What hangs loose after any of them is named.
    """
    return Changes(
        before_seq=steps[0].before_seq,
        after_seq=steps[-1].after_seq,
        before_hash=steps[0].before_hash,
        after_hash=steps[-1].after_hash,
        entities=_net((step.entities for step in steps), lambda one: one.entity, _same_entity),
        values=_net((step.values for step in steps), _value_place, same_value),
        edges=_net((step.edges for step in steps), lambda one: one.key, _same_edge),
        lifecycles=_net((step.lifecycles for step in steps), lambda one: one.record, lambda was, now: was == now),
        loose=tuple(dict.fromkeys(one for step in steps for one in step.loose)),
    )


def _net(steps: Iterable[Sequence[_C]], place: Callable[[_C], Any], same: Callable[[Any, Any], bool]) -> tuple[_C, ...]:
    """For each place the change from its first `before` to its last `after`, where these differ."""
    net: dict[Any, _C] = {}
    for step in steps:
        for one in step:
            first = net.get(place(one), one)
            net[place(one)] = replace(one, before=first.before)
    return tuple(net[at] for at in sorted(net) if not same(net[at].before, net[at].after))


def _value_place(one: ValueChange) -> tuple[str, int, str]:
    return (one.entity, LAYERS.index(one.layer), one.name)


def _same_entity(was: EntityState | None, now: EntityState | None) -> bool:
    if was is None or now is None:
        return was is now
    return shape_of(was) == shape_of(now)


def _same_edge(was: Edge | None, now: Edge | None) -> bool:
    if was is None or now is None:
        return was is now
    return same_attributes(was.attributes, now.attributes)
