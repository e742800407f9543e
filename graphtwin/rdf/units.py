"""UCUM codes as units of QUDT, where both mean exactly the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from graphtwin.rdf.vocabulary import UNIT

_QUDT: Final[Mapping[str, str]] = {
    "K": "K", "Cel": "DEG_C", "[degF]": "DEG_F",
    "ns": "NanoSEC", "us": "MicroSEC", "ms": "MilliSEC", "s": "SEC", "min": "MIN", "h": "HR", "d": "DAY", "wk": "WK",
    "bit": "BIT", "By": "BYTE", "kBy": "KiloBYTE", "MBy": "MegaBYTE", "GBy": "GigaBYTE", "TBy": "TeraBYTE",
    "KiBy": "KibiBYTE", "MiBy": "MebiBYTE", "GiBy": "GibiBYTE", "TiBy": "TebiBYTE",
    "1": "UNITLESS", "%": "PERCENT", "[ppm]": "PPM",
    "um": "MicroM", "mm": "MilliM", "cm": "CentiM", "m": "M", "km": "KiloM", "m2": "M2",
    "mg": "MilliGM", "g": "GM", "kg": "KiloGM", "t": "TONNE",
    "mL": "MilliL", "L": "L", "m3": "M3",
    "mW": "MilliW", "W": "W", "kW": "KiloW", "MW": "MegaW", "GW": "GigaW", "V.A": "V-A", "kV.A": "KiloV-A",
    "J": "J", "kJ": "KiloJ", "MJ": "MegaJ", "W.h": "W-HR", "kW.h": "KiloW-HR", "MW.h": "MegaW-HR",
    "Pa": "PA", "hPa": "HectoPA", "kPa": "KiloPA", "mbar": "MilliBAR", "bar": "BAR", "N": "N",
    "mV": "MilliV", "V": "V", "kV": "KiloV", "uA": "MicroA", "mA": "MilliA", "A": "A", "Ohm": "OHM", "kOhm": "KiloOHM",
    "Hz": "HZ", "kHz": "KiloHZ", "MHz": "MegaHZ", "GHz": "GigaHZ", "{rev}/min": "REV-PER-MIN",
    "m/s": "M-PER-SEC", "km/h": "KiloM-PER-HR", "deg": "DEG", "rad": "RAD", "lx": "LUX", "dB": "DeciB",
    "L/s": "L-PER-SEC", "L/min": "L-PER-MIN", "m3/h": "M3-PER-HR", "m3/s": "M3-PER-SEC",
}  # fmt: skip


def qudt_unit(ucum: str) -> str | None:
    """The IRI of the unit in QUDT's vocabulary; None where the code has none that is known to be the same."""
    name = _QUDT.get(ucum)
    return None if name is None else str(UNIT[name])
