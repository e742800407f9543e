"""Canonical JSON is RFC 8785's, also where Python's own writer is used for speed."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.state.canonical_json import canonical_json, same_json

safe = st.integers(-(2**53) + 1, 2**53 - 1)
numbers = st.one_of(
    safe, st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e-3, 1e-3), st.floats(1e14, 1e17)
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def json_of(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[object]:
    return st.recursive(
        st.one_of(st.none(), st.booleans(), numbers, texts),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
        max_leaves=12,
    )


values = json_of(numbers)
readable = json_of(st.one_of(safe, st.floats(-(2**53) + 1, 2**53 - 1)))
"""Beyond these, a whole float is written as a number and an integer as text."""


@given(values)
def test_the_bytes_are_those_of_rfc_8785(value: object):
    assert canonical_json(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(readable)
def test_what_was_written_reads_back_equal_and_writes_the_same(value: object):
    again = json.loads(canonical_json(value))

    assert canonical_json(again) == canonical_json(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (20.0, "20"),
        (-0.0, "0"),
        (0.00001, "0.00001"),
        (0.00009, "0.00009"),
        (1e-7, "1e-7"),
        (1e21, "1e+21"),
        (123456789012345680.0, "123456789012345680"),
        (2**53, '"9007199254740992"'),
        ({"b": 1, "a": [True, None, "é\n"]}, '{"a":[true,null,"é\\n"],"b":1}'),
        ({"\ue000": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ue000":1}'),
    ],
)
def test_numbers_texts_and_keys_are_written_as_ecmascript_does(value: object, text: str):
    assert canonical_json(value).decode() == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}, {1, 2}, b"x", "\ud800"])
def test_what_json_does_not_have_is_refused(value: object):
    with pytest.raises(ValueError):
        canonical_json(value)


@given(values, values)
def test_same_json_means_equal_bytes(one: object, other: object):
    assert same_json(one, other) == (canonical_json(one) == canonical_json(other))


def test_true_is_not_1_at_any_depth():
    assert same_json(20, 20.0)
    assert not same_json(True, 1)
    assert not same_json([True], [1])
    assert not same_json({"a": [0]}, {"a": [False]})
