"""Units that are known exactly, and how one becomes another; a unit outside the table is refused, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from graphtwin.methods.reading.refusal import Refusal


class _Scale(NamedTuple):
    """`base = value × factor + offset`, in the base unit of its dimension."""

    dimension: str
    factor: Fraction
    offset: Fraction = Fraction(0)


def _scales(dimension: str, factors: Mapping[str, int | str]) -> dict[str, _Scale]:
    return {unit: _Scale(dimension, Fraction(factor)) for unit, factor in factors.items()}


_KELVIN: Final = Fraction("273.15")
_FIVE_NINTHS: Final = Fraction(5, 9)
_UNITS: Final[dict[str, _Scale]] = {
    "K": _Scale("temperature", Fraction(1)),
    "Cel": _Scale("temperature", Fraction(1), _KELVIN),
    "[degF]": _Scale("temperature", _FIVE_NINTHS, _KELVIN - 32 * _FIVE_NINTHS),
    **_scales(
        "time", {"ns": "1e-9", "us": "1e-6", "ms": "1e-3", "s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 604800}
    ),
    **_scales("data", {"bit": "1/8", "By": 1, "kBy": 10**3, "MBy": 10**6, "GBy": 10**9, "TBy": 10**12}),
    **_scales("data", {"KiBy": 2**10, "MiBy": 2**20, "GiBy": 2**30, "TiBy": 2**40}),
    **_scales("share", {"1": 1, "%": "1/100", "[ppm]": "1e-6"}),
    **_scales("length", {"um": "1e-6", "mm": "1e-3", "cm": "1e-2", "m": 1, "km": 1000}),
    **_scales("mass", {"mg": "1e-6", "g": "1e-3", "kg": 1, "t": 1000}),
    **_scales("volume", {"mL": "1e-3", "L": 1, "m3": 1000}),
    **_scales("power", {"mW": "1e-3", "W": 1, "kW": 1000, "MW": 10**6}),
    **_scales("energy", {"J": 1, "kJ": 1000, "MJ": 10**6, "W.h": 3600, "kW.h": 3_600_000, "MW.h": 3_600_000_000}),
    **_scales("pressure", {"Pa": 1, "hPa": 100, "kPa": 1000, "mbar": 100, "bar": 100_000}),
    **_scales("voltage", {"mV": "1e-3", "V": 1, "kV": 1000}),
    **_scales("current", {"mA": "1e-3", "A": 1}),
    **_scales("frequency", {"Hz": 1, "kHz": 1000, "MHz": 10**6, "GHz": 10**9}),
    **_scales("speed", {"m/s": 1, "km/h": "5/18"}),
    **_scales("flow", {"L/s": 1, "L/min": "1/60", "m3/h": "5/18", "m3/s": 1000}),
}
_SPELLINGS: Final[dict[str, str]] = {
    "°C": "Cel", "degC": "Cel", "celsius": "Cel", "°F": "[degF]", "degF": "[degF]", "fahrenheit": "[degF]",
    "kelvin": "K", "sec": "s", "second": "s", "seconds": "s", "minute": "min", "minutes": "min", "hour": "h",
    "hours": "h", "day": "d", "days": "d", "µs": "us", "μs": "us", "B": "By", "byte": "By", "bytes": "By",
    "kB": "kBy", "MB": "MBy", "GB": "GBy", "TB": "TBy", "KiB": "KiBy", "MiB": "MiBy", "GiB": "GiBy", "TiB": "TiBy",
    "percent": "%", "ratio": "1", "ppm": "[ppm]", "Wh": "W.h", "kWh": "kW.h", "MWh": "MW.h", "l": "L", "l/s": "L/s",
    "m³": "m3", "m³/h": "m3/h", "m³/s": "m3/s", "kph": "km/h",
}  # fmt: skip
"""Common spellings of UCUM codes that mean one thing only."""


class UnknownUnit(Refusal):
    """Two units without a known exact way from one to the other."""


def convert(value: float, unit: str, declared: str) -> float:
    """The number in the declared unit, computed exactly and rounded once; the number itself where no unit is said, or
    none is declared. Raises UnknownUnit where no exact way is known.
    """
    if not unit or not declared or unit == declared:
        return value
    factor, offset = _between(unit, declared)
    return value if factor == 1 and not offset else float(Fraction(value) * factor + offset)


def known_unit(text: str) -> str | None:
    """The UCUM code that a spelling means; None for one that isn't in the table."""
    code = _code(text)
    return code if code in _UNITS else None


def convertible(unit: str, declared: str) -> bool:
    """True when `convert` knows the way."""
    try:
        convert(0, unit, declared)
    except UnknownUnit:
        return False
    return True


@lru_cache(maxsize=1024)
def _between(unit: str, declared: str) -> tuple[Fraction, Fraction]:
    source, target = _UNITS.get(_code(unit)), _UNITS.get(_code(declared))
    if _code(unit) == _code(declared):
        return Fraction(1), Fraction(0)
    if source is None or target is None or source.dimension != target.dimension:
        raise UnknownUnit(
            f"the unit {unit!r} can't be read as {declared!r}", "map it with the unit it really has, as a UCUM code"
        )
    return source.factor / target.factor, (source.offset - target.offset) / target.factor


def _code(unit: str) -> str:
    return _SPELLINGS.get(unit, unit)
