"""Chance that depends on a seed and on what it is for, never on what was drawn before: a reading can be drawn again."""

from __future__ import annotations

import random
from functools import lru_cache


@lru_cache(maxsize=4096)
def even(*what: object) -> float:
    """Between 0 and 1, all equally likely."""
    return random.Random(_name(what)).random()


def normal(*what: object) -> float:
    """Around 0 with a deviation of 1."""
    return random.Random(_name(what)).gauss(0.0, 1.0)


def smooth(seconds: float, every: float, *what: object) -> float:
    """Between 0 and 1, changing without a jump from one multiple of `every` seconds to the next."""
    place = seconds / every
    whole = int(place // 1)
    share = place - whole
    share = share * share * (3 - 2 * share)
    return even(*what, whole) * (1 - share) + even(*what, whole + 1) * share


def _name(what: tuple[object, ...]) -> str:
    return "/".join(map(str, what))
