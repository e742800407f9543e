"""identifiers: which ids can be kept, and which look like another."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.reading.identifiers import BadId, is_suspicious, read_id


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("  ", "missing"),
        (True, "boolean"),
        (1.5, "fraction"),
        (["a"], "list"),
        ({"a": 1}, "object"),
        ("a\x00b", "U+0000"),
        ("a\nb", "U+000A"),
        ("pump\u200b1", "U+200B"),
        ("pump\u202e1", "U+202E"),
        ("\ufeffpump", "U+FEFF"),
        ("pump\u3164", "U+3164"),
        ("pump\ufe0f", "U+FE0F"),
        (" pump", "blank"),
        ("x" * 513, "513"),
        ("@roster", "graphtwin's own"),
    ],
)
def test_it_refuses(value, reason):
    with pytest.raises(BadId) as refusal:
        read_id(value)

    assert reason in refusal.value.reason


def test_whole_numbers_become_text():
    assert read_id(42) == "42"


def test_two_ways_to_write_one_character_are_one_id():
    composed, decomposed = "Kühler", unicodedata.normalize("NFD", "Kühler")

    assert composed != decomposed
    assert read_id(composed) == read_id(decomposed)


@pytest.mark.parametrize("name", ["p\u0430yment", "\u03bfrder-1", "\uff50ump", "\ufb01lter", "\u0441\u043e\u0440"])
def test_lookalikes_are_suspicious(name):
    assert read_id(name) == name
    assert is_suspicious(name)


@pytest.mark.parametrize("name", ["pump-1", "Kühler", "насос", "ポンプ", "泵-3", "θ-3"])
def test_ids_of_one_script_are_not(name):
    assert not is_suspicious(name)


@given(st.text(max_size=40))
def test_what_is_kept_is_kept_alike_again(value):
    try:
        kept = read_id(value)
    except BadId:
        return

    assert read_id(kept) == kept
