"""What a person types as a value, an instant or an end, read as the world declares it; else why it can't be."""

from __future__ import annotations

from typing import Any

from graphtwin.errors import UsageError
from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.typed_text import typed_text
from graphtwin.methods.state.as_of import max_future_skew
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.durations import format_duration, parse_duration
from graphtwin.model.instants import format_instant, parse_instant


def spoken_value(config: TwinConfig, kind: str, name: str, text: str) -> tuple[Any, str]:
    """(value, unit) as the variable of a type is declared. Raises UsageError."""
    declared = Policy(config).variable(kind, name)
    if declared is None:
        names = ", ".join(_variables(config, kind))
        raise UsageError(
            f"{name!r} isn't a declared variable of {kind}.",
            hint=f"it has: {names}" if names else "declare it in twin.yaml, then: graphtwin apply TWIN.yaml",
        )
    try:
        return typed_text(text, declared)
    except Refusal as refusal:
        unit = f" in {declared.unit}" if declared.unit else ""
        raise UsageError(
            f"{text!r} can't be {name}: {refusal.reason}.",
            hint=f"{name} of {kind} is declared as {declared.datatype}{unit}; {refusal.hint}",
        ) from refusal


def spoken_end(config: TwinConfig, text: str, now: int) -> int:
    """When something that begins at `now` (µs) is to end: an instant, or how long after. Raises UsageError for an end that
    is over, or so near that what is said of it would be taken for said of now (S2, S4).
    """
    ends = _instant_or_duration(text, now)
    skew = max_future_skew(config)
    if ends <= now + skew:
        raise UsageError(
            f"{text} ends it at {format_instant(ends)}, which is too soon.",
            hint=f"the end must lie more than {format_duration(skew)} after {format_instant(now)}",
        )
    return ends


def spoken_instant(text: str) -> int:
    """Epoch µs. Raises UsageError."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise UsageError(
            f"{str(error).rstrip('.')}.", hint="times are written like 2026-01-31T12:00:00Z, durations like 2h or PT2H"
        ) from error


def _instant_or_duration(text: str, now: int) -> int:
    try:
        return now + parse_duration(text)
    except ValueError:
        return spoken_instant(text)


def _variables(config: TwinConfig, kind: str) -> list[str]:
    """The declared variables of a type, with those it inherits."""
    found: set[str] = set()
    seen: set[str] = set()
    while kind in config.types and kind not in seen:
        seen.add(kind)
        found |= config.types[kind].variables.keys()
        kind = config.types[kind].is_a
    return sorted(found)
