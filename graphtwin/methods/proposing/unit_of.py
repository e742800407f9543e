"""The unit that a column's name tells: in brackets, or as its last word; none where it could be another."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from graphtwin.methods.reading.units import known_unit


class Told(NamedTuple):
    """The name without its unit, the UCUM code ("" for none that is known), and the reason."""

    name: str
    unit: str
    why: str


_BRACKETS: Final = re.compile(r"(.*[^\s/,_-])[\s/,_-]*(?:\[([^\[\]]+)\]|\(([^()]+)\))\s*")
_TRAILING_SIGN: Final = re.compile(r"(.*[^\s_])[\s_]*(%|°C|°F)\s*")
_LAST_PART: Final = re.compile(r"(.*[^\s,_.-])(?:[\s,_.-]+|\s+in\s+|\s*/\s+)(\S*[^\s_.-])")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")

_BY_LAST_WORD: Final = {
    "celsius": "Cel", "degc": "Cel", "fahrenheit": "[degF]", "degf": "[degF]", "kelvin": "K",
    "watt": "W", "watts": "W", "kw": "kW", "wh": "W.h", "kwh": "kW.h", "mwh": "MW.h", "joule": "J", "joules": "J",
    "kj": "kJ", "volt": "V", "volts": "V", "kv": "kV", "amp": "A", "amps": "A", "ampere": "A", "amperes": "A",
    "hpa": "hPa", "kpa": "kPa", "mbar": "mbar", "hz": "Hz", "khz": "kHz", "ghz": "GHz",
    "ms": "ms", "msec": "ms", "millis": "ms", "milliseconds": "ms", "us": "us", "usec": "us", "microseconds": "us",
    "nanoseconds": "ns", "sec": "s", "secs": "s", "seconds": "s", "minutes": "min", "mins": "min", "hours": "h",
    "hrs": "h", "days": "d", "bytes": "By", "kib": "KiBy", "mib": "MiBy", "gib": "GiBy", "tib": "TiBy",
    "kilobytes": "kBy", "megabytes": "MBy", "gigabytes": "GBy",
    "percent": "%", "pct": "%", "percentage": "%", "ppm": "[ppm]", "ratio": "1", "millimeters": "mm",
    "millimetres": "mm", "cm": "cm", "meters": "m", "metres": "m", "km": "km", "kilometers": "km", "kilometres": "km",
    "kg": "kg", "litres": "L", "liters": "L", "lps": "L/s", "lpm": "L/min", "kmh": "km/h", "kph": "km/h",
}  # fmt: skip
"""Last words that mean one unit only, in any case."""
_BY_COMPANY: Final = {
    "c": ("Cel", {"temp", "temperature", "setpoint", "sp", "dewpoint", "supply", "return"}),
    "f": ("[degF]", {"temp", "temperature", "setpoint", "sp", "dewpoint"}),
    "k": ("K", {"temp", "temperature"}),
    "w": ("W", {"power", "load"}),
    "v": ("V", {"voltage", "volt", "volts", "battery"}),
    "a": ("A", {"current"}),
    "s": ("s", {"duration", "time", "latency", "uptime", "timeout", "interval", "age", "delay", "elapsed"}),
    "h": ("h", {"duration", "time", "uptime", "runtime", "age"}),
    "min": ("min", {"duration", "interval", "delay", "runtime", "age"}),
    "m": ("m", {"distance", "height", "length", "depth", "altitude", "elevation", "width"}),
    "mm": ("mm", {"distance", "height", "length", "depth", "width", "rain", "diameter", "level"}),
    "g": ("g", {"weight", "mass"}),
    "l": ("L", {"volume", "water", "level", "fuel"}),
    "pa": ("Pa", {"pressure", "dp"}),
    "bar": ("bar", {"pressure", "dp"}),
    "mb": ("MBy", {"memory", "mem", "disk", "ram", "size", "heap", "swap"}),
    "gb": ("GBy", {"memory", "mem", "disk", "ram", "size", "swap"}),
}
"""Last words that mean a unit in the company of another word only."""
_NUMBERED: Final = frozenset({"1", "t", "d", "B"})
"""What stands in round brackets to number or name things."""
_OTHER_WORDS: Final = frozenset({"min", "day", "hour", "minute", "second"})
"""Spellings of units that are more often other words at the end of a name (a minimum, the time of day)."""


def unit_of(name: str) -> Told:
    """The unit in a column's name, and the name without it where it stood in brackets."""
    return _written_out(name) or _in_words(name) or Told(name, "", "")


def _written_out(name: str) -> Told | None:
    """A unit behind the name: in brackets, as a sign, or as it is written in UCUM and by people."""
    if found := _TRAILING_SIGN.fullmatch(name):
        return Told(found[1].removesuffix(" in"), str(known_unit(found[2])), f"the name says {found[2]}")
    if found := _BRACKETS.fullmatch(name):
        said = (found[2] or found[3]).strip()
        if (unit := known_unit(said)) and not (found[3] and said in _NUMBERED):
            return Told(found[1], unit, f"the name says {said}")
        if found[2]:
            return Told(found[1], "", f"the name says {said}, which isn't a unit that is known here: none is declared")
    found = _LAST_PART.fullmatch(name)
    if found and len(found[2]) > 1 and found[2].lower() not in _OTHER_WORDS and (unit := known_unit(found[2])):
        return Told(name, unit, f"the name ends in {found[2]}")
    return None


def _in_words(name: str) -> Told | None:
    """A unit as the last of several words: a lone word is what is measured, not its unit."""
    words = [word.lower() for word in _WORDS.findall(name)]
    last, company = words[-1:], set(words[:-1])
    if not company:
        return None
    if last[0] in _BY_LAST_WORD:
        return Told(name, _BY_LAST_WORD[last[0]], f"the name ends in {last[0]}")
    unit, needed = _BY_COMPANY.get(last[0], ("", set()))
    together = company & needed
    return Told(name, unit, f"the name ends in {last[0]}, after {min(together)}") if together else None
