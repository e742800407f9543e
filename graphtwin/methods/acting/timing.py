"""When acting is allowed, and how often, by the world's clock (S2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from graphtwin.model.acting import WENT_OUT, ActRecord
from graphtwin.model.configuration.acting import RateLimit, Window
from graphtwin.model.durations import compact_duration
from graphtwin.model.instants import instant_of
from graphtwin.model.plan import PlanStep

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def outside_windows(action: str, windows: Sequence[Window], now: int, timezone: str) -> bool:
    """Whether windows are declared for the action and none of them is open at `now` (epoch µs). A window that ends before
    it begins goes on past midnight, and belongs to the day on which it began.
    """
    about = [window for window in windows if not window.actions or action in window.actions]
    return bool(about) and not any(_open(window, now, timezone) for window in about)


def _open(window: Window, now: int, timezone: str) -> bool:
    moment = instant_of(now).astimezone(ZoneInfo(timezone))
    minute = moment.hour * 60 + moment.minute
    today, yesterday = _DAYS[moment.weekday()], _DAYS[moment.weekday() - 1]
    begins, ends = _minute(window.begins), _minute(window.ends)
    days = window.days or _DAYS
    if begins <= ends:
        return today in days and begins <= minute <= ends
    return (today in days and minute >= begins) or (yesterday in days and minute <= ends)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def over_rate(
    steps: Sequence[PlanStep], limits: Sequence[RateLimit], recent: Sequence[ActRecord], now: int
) -> list[str]:
    """Each limit that the steps would go over, in words. What may have gone out counts, compensations don't: making up for
    an act must never wait. An act dated ahead counts: the clock was set back since.
    """
    told = []
    for limit in limits:
        lately = [
            (act.action, act.entity)
            for act in recent
            if act.covers == "act" and act.outcome in WENT_OUT and now - limit.per < act.at
        ]
        wanted = [(step.action, step.entity) for step in steps]
        counted = [one for one in (*lately, *wanted) if not limit.actions or one[0] in limit.actions]
        asked = {one for one in wanted if not limit.actions or one[0] in limit.actions}
        groups = sorted({entity for _, entity in asked}) if limit.each_entity else ([""] if asked else [])
        for entity in groups:
            count = sum(1 for one in counted if not entity or one[1] == entity)
            if count > limit.max:
                where = f" of {entity}" if entity else ""
                told.append(f"{count} acts{where} in {compact_duration(limit.per)}, {limit.max} are allowed")
    return told


def longest_span(limits: Sequence[RateLimit]) -> int:
    """How far back acts matter, µs; 0 where nothing is limited."""
    return max((limit.per for limit in limits), default=0)
