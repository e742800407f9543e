"""units: exact conversions, and no guessing."""

import pytest

from graphtwin.methods.reading.units import UnknownUnit, convert, convertible, known_unit


@pytest.mark.parametrize(
    ("value", "unit", "declared", "expected"),
    [
        (68, "degF", "Cel", 20.0),
        (-40, "[degF]", "°C", -40.0),
        (300, "K", "Cel", 26.85),
        (1, "GiB", "By", 1_073_741_824.0),
        (1, "GB", "MBy", 1000.0),
        (12.5, "%", "1", 0.125),
        (1, "kWh", "J", 3_600_000.0),
        (36, "km/h", "m/s", 10.0),
        (1, "kPa", "hPa", 10.0),
    ],
)
def test_known_units_are_converted(value, unit, declared, expected):
    assert convert(value, unit, declared) == expected


@pytest.mark.parametrize(("unit", "declared"), [("Cel", "degC"), ("cfm", "cfm"), ("", "Cel"), ("Cel", "")])
def test_the_same_unit_or_none_changes_nothing(unit, declared):
    assert convert(0.1, unit, declared) == 0.1


@pytest.mark.parametrize(("unit", "declared"), [("cfm", "L/s"), ("Cel", "kW"), ("mw", "W"), ("KB", "By"), ("C", "Cel")])
def test_what_is_not_known_exactly_is_refused(unit, declared):
    with pytest.raises(UnknownUnit) as refusal:
        convert(1, unit, declared)

    assert unit in refusal.value.reason
    assert not convertible(unit, declared)


@pytest.mark.parametrize(("text", "unit"), [("°C", "Cel"), ("kWh", "kW.h"), ("Cel", "Cel"), ("cfm", None), ("", None)])
def test_a_spelling_is_known_as_one_code_or_not_at_all(text, unit):
    assert known_unit(text) == unit
