"""typed_value: values as their variables declare them."""

import math

import pytest

from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.typed_value import typed_cell, typed_value
from graphtwin.model.configuration.twin import Variable


def declared(datatype="number", unit=""):
    return Variable(datatype=datatype, unit=unit)


@pytest.mark.parametrize(
    ("value", "datatype", "kept"),
    [
        (20, "number", 20.0),
        (20.0, "integer", 20),
        (-0.0, "number", 0.0),
        ("x", "string", "x"),
        (False, "boolean", False),
        ({"a": [1]}, "object", {"a": [1]}),
        ("2026-01-31T13:00:00+01:00", "datetime", "2026-01-31T12:00:00Z"),
    ],
)
def test_values_take_the_form_of_their_datatype(value, datatype, kept):
    result, _ = typed_value(value, "", declared(datatype))

    assert result == kept
    assert type(result) is type(kept)
    assert not isinstance(result, float) or math.copysign(1, result) == 1


@pytest.mark.parametrize(
    ("value", "datatype"),
    [
        ("20", "number"),
        (True, "number"),
        (None, "number"),
        (math.nan, "number"),
        (math.inf, "integer"),
        (1.5, "integer"),
        (1e300, "integer"),
        (20, "string"),
        ("true", "boolean"),
        (1, "boolean"),
        ("x", "object"),
        ("soon", "datetime"),
        ({"a": math.nan}, "object"),
    ],
)
def test_wrong_types_are_refused_with_a_next_move(value, datatype):
    with pytest.raises(Refusal) as refusal:
        typed_value(value, "", declared(datatype))

    assert refusal.value.hint


def test_a_known_unit_is_converted_and_the_declared_one_kept():
    assert typed_value(68, "degF", declared(unit="Cel")) == (20.0, "Cel")


def test_an_unknown_unit_is_refused():
    with pytest.raises(Refusal, match="cfm"):
        typed_value(1, "cfm", declared(unit="L/s"))
    with pytest.raises(Refusal, match="Cel"):
        typed_value("x", "Cel", declared("string", unit="K"))


def test_what_is_not_declared_keeps_its_type_and_unit():
    assert typed_value("20", "x", None) == ("20", "x")
    assert typed_value({"a": 1}, "", None) == ({"a": 1}, "")


@pytest.mark.parametrize(
    ("cell", "datatype", "value"),
    [
        ("20.5", "number", 20.5),
        (" +7 ", "integer", 7),
        ("Yes", "boolean", True),
        ("0", "boolean", False),
        ("007", "string", "007"),
        ('{"a": 1}', "object", {"a": 1}),
        ("  ", "number", None),
    ],
)
def test_cells_are_read_as_declared(cell, datatype, value):
    assert typed_cell(cell, declared(datatype)) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("20.5", 20.5), ("7", 7), ("-1e3", -1000.0), ("007", "007"), ("true", True), ("yes", "yes"), ("NaN", "NaN"),
     ("1e400", "1e400"), ("9223372036854775808", "9223372036854775808"), ("", None), ("1_000", "1_000")],
)  # fmt: skip
def test_cells_that_are_not_declared_are_numbers_only_when_nothing_is_lost(cell, value):
    assert typed_cell(cell, None) == value


@pytest.mark.parametrize(
    ("cell", "datatype"),
    [("NaN", "number"), ("inf", "number"), ("abc", "integer"), ("maybe", "boolean"), ("{", "object")],
)
def test_cells_that_do_not_fit_are_refused(cell, datatype):
    with pytest.raises(Refusal):
        typed_cell(cell, declared(datatype))
