"""Numbers as tables write them, and with their unit behind them."""

from __future__ import annotations

import pytest

from graphtwin.methods.reading.number_text import measured, measured_as, plain_number


@pytest.mark.parametrize(
    ("cell", "style", "plain"),
    [
        ("21.5", "1234.5", "21.5"),
        ("1,234", "1234.5", None),
        ("1,234.5", "1,234.5", "1234.5"),
        ("21.5", "1,234.5", "21.5"),
        ("12,34", "1,234.5", None),
        ("1.234,5", "1.234,5", "1234.5"),
        ("1.000", "1.234,5", "1000"),
        ("-2,5", "1.234,5", "-2.5"),
        ("21.5", "1.234,5", None),
        ("a", "1.234,5", None),
    ],
)
def test_a_number_is_read_in_the_tables_style_only(cell: str, style: str, plain: str | None):
    assert plain_number(cell, style) == plain  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("21.5 °C", "21.5", "Cel"),
        ("45%", "45", "%"),
        ("45 %", "45", "%"),
        ("1.2e3 kW", "1.2e3", "kW"),
        ("230 V", "230", "V"),
    ],
)
def test_a_known_unit_behind_a_number_is_its_unit(text: str, number: str, unit: str):
    assert measured(text) == (number, unit)


@pytest.mark.parametrize("text", ["3A", "3 rooms", "12", "°C", "1,5 °C", "v1.2", ""])
def test_other_texts_are_no_measurements(text: str):
    assert measured(text) is None


def test_it_is_one_only_where_its_unit_becomes_the_declared_one():
    assert measured_as("70 °F", "Cel") == ("70", "[degF]")
    assert measured_as("70 kW", "Cel") is None
    assert measured_as("70 °F", "") is None
