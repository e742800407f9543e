"""strict_yaml: reads YAML as the JSON it could have been."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.reading.strict_json import Unreadable
from graphtwin.methods.reading.strict_yaml import yaml_items

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
REFUSED = {
    "aliases that write out to billions": (BOMB, "nodes"),
    "an alias to itself": ("a: &a [*a]", "refers to itself"),
    "a key twice": ("a: 1\nb: 2\na: 3", "stands twice"),
    "an object of Python": ("!!python/object/apply:os.system ['true']", "tag"),
    "a tag of one's own": ("a: !secret x", "tag"),
    "a key that isn't text": ("? [a, b]\n: 1", "not text"),
    "a merge key": ("a: &a {x: 1}\nb:\n  <<: *a", "merge key"),
    "infinity": ("a: .inf", "finite"),
    "a number that overflows": ("a: 1e400", "finite"),
    "an integer beyond int64": ("a: 9223372036854775808", "64 bits"),
    "33 levels": ("[" * 33 + "]" * 33, "32 levels"),
    "wrong indentation": ("a: 1\n b: 2", "line 2"),
    "a tab as indentation": ("a:\n\tb: 1", "not YAML"),
    "an unknown alias": ("a: *b", "not YAML"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(name):
    text, reason = REFUSED[name]

    with pytest.raises(Unreadable) as refusal:
        list(yaml_items(text))

    assert reason in refusal.value.reason


def test_only_what_looks_like_json_is_more_than_text():
    text = (
        "{a: no, b: on, c: 1:30, d: 2026-01-31, e: 0777, f: true, g: 1.5, h: null, i: '1', j: 0x1f, k: !!str 7, l: ~}"
    )

    [(_, _, value)] = yaml_items(text)

    assert value == {
        "a": "no", "b": "on", "c": "1:30", "d": "2026-01-31", "e": 777, "f": True, "g": 1.5, "h": None, "i": "1",
        "j": 31, "k": "7", "l": None,
    }  # fmt: skip


def test_items_of_a_sequence_come_with_their_place():
    text = "# services\n- id: a\n  port: 80\n- id: bé\n  port: 81\n"

    items = list(yaml_items(text))

    assert [value for _, _, value in items] == [{"id": "a", "port": 80}, {"id": "bé", "port": 81}]
    assert text[items[1][0] : items[1][1]].rstrip() == "id: bé\n  port: 81"


def test_a_few_aliases_are_written_out():
    [(_, _, value)] = yaml_items("{a: &a {x: 1}, b: *a}")

    assert value == {"a": {"x": 1}, "b": {"x": 1}}


def test_each_document_of_a_file_is_an_item():
    assert [value for _, _, value in yaml_items("a: 1\n---\nb: 2\n")] == [{"a": 1}, {"b": 2}]


@given(st.text(max_size=100))
def test_no_text_makes_it_fail_otherwise(text):
    with contextlib.suppress(Unreadable):
        list(yaml_items(text))
