"""Since when a comparison of two variables has held without a gap: exact, on step functions over whole microseconds (S23)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.shown import readings_of
from graphtwin.model.state import Held, Spell


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `since` (µs) until the next stretch begins, the variable was `value`; None where there is none that counts."""

    since: int
    value: Any
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A variable over a stretch of valid time, oldest first, and the value that it has at its end."""

    stretches: Sequence[Stretch]
    now: Held | None


def past_of(spells: Sequence[Spell], policy: Policy, name: str) -> Past:
    """The past of a property. A reading that wasn't heard of again for longer than its `valid_for`
    counts up to then, and is a gap after it (S11); wishes and expectations last.
    """
    lasts = len(readings_of(name)) > 1
    found: list[Stretch] = []
    for spell, following in zip(spells, [*(one.since for one in spells[1:]), None], strict=True):
        held = spell.held
        if held is None:
            found.append(Stretch(spell.since, None))
            continue
        counts = None if lasts else policy.valid_for(spell.type, name, held.source)
        lapses = None if counts is None else held.observed_at + counts + 1
        if lapses is None or lapses > spell.since:
            found.append(Stretch(spell.since, held.value, held.unit))
        if lapses is not None and (following is None or lapses < following):
            found.append(Stretch(max(lapses, spell.since), None))
    return Past(found, spells[-1].held if spells else None)


def unbroken_since(
    left: Sequence[Stretch], right: Sequence[Stretch], compare: Callable[[Stretch, Stretch], bool], *, until: int
) -> int | None:
    """The earliest instant from which `compare` holds at every microsecond up to `until`; None where it doesn't hold then.

    Both are oldest first. No instant before both begin is looked at, and none after `until`.
    """
    since: int | None = None
    for instant in sorted({one.since for one in (*left, *right) if one.since <= until}, reverse=True):
        one, other = _at(left, instant), _at(right, instant)
        if one is None or other is None or one.value is None or other.value is None or not compare(one, other):
            break
        since = instant
    return since


def _at(function: Sequence[Stretch], instant: int) -> Stretch | None:
    place = bisect_right(function, instant, key=lambda one: one.since)
    return function[place - 1] if place else None
