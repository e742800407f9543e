"""Entity ids: the full form, local ids put into a namespace, and ids that deceive the eye."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.model.ids import (
    EntityId,
    confusable,
    is_deceptive,
    match_key,
    qualify,
    quote_segment,
    unquote_segment,
)

CYRILLIC_E = "\u0435"
ZERO_WIDTH_SPACE = "\u200b"


def test_a_full_id_has_a_class_a_namespace_and_a_local_id() -> None:
    parts = EntityId.parse("sensor:acme/factory/line-3/temp-02")

    assert parts == ("sensor", ("acme", "factory", "line-3"), "temp-02")
    assert parts.organization == "acme"
    assert str(parts) == "sensor:acme/factory/line-3/temp-02"


@pytest.mark.parametrize(
    "text",
    ["", "hvac-unit-3a", "sensor:temp", "Sensor:a/b", "sensor:a//b", "sensor:/b", "sensor:a/", "sensor:a/b c", ":a/b"],
)
def test_a_malformed_full_id_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write it like sensor:acme/factory"):
        EntityId.parse(text)


def test_a_local_id_goes_into_the_default_namespace_and_a_full_one_stays() -> None:
    assert qualify("hvac-unit-3a", entity_class="asset", namespace="acme/hq") == "asset:acme/hq/hvac-unit-3a"
    assert qualify("host:a/b/c", entity_class="asset", namespace="acme/hq") == "host:a/b/c"
    assert qualify("/var/log", entity_class="filesystem", namespace="acme/hq") == "filesystem:acme/hq/%2Fvar%2Flog"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_local_name_survives_as_a_segment(name: str) -> None:
    segment = quote_segment(name)

    assert unquote_segment(segment) == name
    assert str(EntityId.parse(f"host:acme/{segment}")).endswith(segment)


def test_case_width_and_ligatures_do_not_tell_ids_apart() -> None:
    assert match_key("Temp-301") == match_key("temp-301") == match_key("\uff34emp-301")
    assert not confusable("Temp-301", "temp-301")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("temp-301", f"t{CYRILLIC_E}mp-301"),
        ("AHU-3A", "\u0391HU-3A"),
        ("coco", "\u0441\u043e\u0441\u043e"),
        ("paypal", "\u0440\u0430y\u0440al"),
    ],
)
def test_ids_that_only_look_alike_are_confusable(one: str, other: str) -> None:
    assert confusable(one, other)
    assert confusable(other, one)


@pytest.mark.parametrize(("one", "other"), [("temp-301", "temp-302"), ("l1", "ll"), ("datchik", "датчик")])
def test_ids_that_look_different_are_not_confusable(one: str, other: str) -> None:
    assert not confusable(one, other)


@pytest.mark.parametrize("text", [f"t{CYRILLIC_E}mp-301", f"temp{ZERO_WIDTH_SPACE}-301", "\u202etemp"])
def test_mixed_scripts_and_invisible_characters_are_deceptive(text: str) -> None:
    assert is_deceptive(text)


@pytest.mark.parametrize("text", ["temp-301", "датчик-temp", "Zürich", "東京センサーA", "한국-host"])
def test_ids_of_honest_people_are_not_deceptive(text: str) -> None:
    assert not is_deceptive(text)
