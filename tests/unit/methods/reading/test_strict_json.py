"""strict_json: refuses what two readers could take differently."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.reading.strict_json import Unreadable, check_value, json_items, parse_json

REFUSED = {
    "a key twice": (b'{"a": 1, "a": 2}', "stands twice"),
    "a key twice, deep inside": (b'{"x": [{"a": 1, "a": 1}]}', "stands twice"),
    "NaN": (b'{"a": NaN}', "finite"),
    "Infinity": (b"[Infinity]", "finite"),
    "minus Infinity": (b"[-Infinity]", "finite"),
    "a number that overflows": (b'{"a": 1e400}', "finite"),
    "an integer beyond int64": (b'{"a": 9223372036854775808}', "64 bits"),
    "an integer of 5,000 digits": (b"1" * 5000, "64 bits"),
    "33 levels": (b"[" * 33 + b"]" * 33, "32 levels"),
    "100,000 levels": (b"[" * 100_000, "32 levels"),
    "10,001 keys": (json.dumps({str(n): n for n in range(10_001)}).encode(), "10001 keys"),
    "bytes that aren't UTF-8": (b'{"a": "\xff"}', "UTF-8"),
    "a lone surrogate": (rb'{"a": "\ud800"}', "surrogate"),
    "a raw control character": (b'"a\x01b"', "control character"),
    "half an object": (b'{"a": 1', "not JSON"),
    "two values": (b"1 2", "more text"),
    "nothing": (b"", "not JSON"),
    "a comment": (b"{} // x", "more text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(name):
    raw, reason = REFUSED[name]

    with pytest.raises(Unreadable) as refusal:
        parse_json(raw)

    assert reason in refusal.value.reason
    assert refusal.value.hint


def test_a_negative_zero_is_zero():
    value = parse_json(b'{"a": -0.0, "b": [-0.0]}')

    assert math.copysign(1, value["a"]) == 1
    assert math.copysign(1, value["b"][0]) == 1


def test_the_bounds_of_int64_and_32_levels_are_read():
    raw = b"[" * 32 + b"-9223372036854775808, 9223372036854775807" + b"]" * 32

    value = parse_json(raw)

    assert json.dumps(value).encode() == raw


def test_surrogate_pairs_are_one_character():
    assert parse_json(rb'"\ud83d\ude00"') == "\U0001f600"


def test_items_of_an_array_come_with_their_place():
    text = ' [ {"a": 1} ,2, "é" ]'

    items = list(json_items(text))

    assert [text[start:end] for start, end, _ in items] == ['{"a": 1}', "2", '"é"']
    assert [value for _, _, value in items] == [{"a": 1}, 2, "é"]


@pytest.mark.parametrize("text", ["[1,]", "[1 2]", "[,]", "[1", "[1] 2", "["])
def test_a_broken_array_is_refused(text):
    with pytest.raises(Unreadable):
        list(json_items(text))


def test_values_of_other_parsers_are_held_to_the_same_rules():
    nested: object = 1
    for _ in range(33):
        nested = [nested]

    for value in (math.nan, math.inf, 2**63, nested, {1: 2}, object()):
        with pytest.raises(Unreadable):
            check_value(value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_whatever_json_can_say_reads_as_the_standard_reader_reads_it(value):
    raw = json.dumps(value).encode()

    assert parse_json(raw) == json.loads(raw)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise(raw):
    try:
        value = parse_json(raw)
    except Unreadable:
        return

    assert check_value(value) == value
