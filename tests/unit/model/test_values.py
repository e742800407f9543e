"""Values of the model: they come back from JSON as they were, can't be changed, and refuse what isn't theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from graphtwin.model.anchor import Anchor, AnchorKind
from graphtwin.model.base import Value
from graphtwin.model.entity import Alias, AliasKind, Entity
from graphtwin.model.event import Event, observation_of
from graphtwin.model.quantity import Distribution, Interval, Quantity, Uncertainty, UncertaintyType
from graphtwin.model.report import SyncReport
from graphtwin.model.variable import StateVariable
from graphtwin.model.world_state import WorldMeta, WorldState

STANDARD = Path(__file__).resolve().parents[2] / "golden" / "standard"
EVENT: dict[str, Any] = yaml.safe_load((STANDARD / "event.yaml").read_text(encoding="utf-8"))
SYNC_REPORT: dict[str, Any] = yaml.safe_load((STANDARD / "sync_report.yaml").read_text(encoding="utf-8"))
WORLD_STATE: dict[str, Any] = yaml.safe_load((STANDARD / "world_state.yaml").read_text(encoding="utf-8"))


DOCUMENTS = [(WorldState, WORLD_STATE), (Event, EVENT), (SyncReport, SYNC_REPORT)]
NOT_FINITE = [float("nan"), float("inf"), float("-inf")]
NOT_A_SHARE = [-0.01, 1.01, "0.5", True, None, *NOT_FINITE]


@pytest.mark.parametrize(("model", "document"), DOCUMENTS)
def test_a_document_of_the_standard_comes_back_as_it_was(model: type[Value], document: dict[str, Any]) -> None:
    from_objects = model.model_validate(document)
    from_text = model.model_validate_json(json.dumps(document))

    assert from_objects == from_text
    assert from_objects.model_dump(mode="json") == document
    assert json.loads(from_text.model_dump_json()) == document


@pytest.mark.parametrize(("model", "document"), DOCUMENTS)
def test_a_value_cannot_be_changed_and_its_lists_are_tuples(model: type[Value], document: dict[str, Any]) -> None:
    value = model.model_validate(document)
    name = next(iter(document))

    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, name, document[name])
    assert not [field for field, held in value if isinstance(held, list)]


@pytest.mark.parametrize(("model", "document"), DOCUMENTS)
def test_an_unknown_field_is_refused_by_name(model: type[Value], document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="surprise"):
        model.model_validate({**document, "surprise": 1})


@pytest.mark.parametrize("number", NOT_FINITE)
def test_numbers_that_json_cannot_say_are_refused_at_any_depth(number: float) -> None:
    for payload in ({"value": number}, {"value": {"a": [{"b": number}]}}):
        with pytest.raises(ValidationError):
            Quantity.model_validate(payload)
    with pytest.raises(ValidationError):
        Event.model_validate({**EVENT, "raw": [1, [number]]})
    with pytest.raises(ValidationError):
        Distribution.model_validate({"name": "normal", "mean": number})


@pytest.mark.parametrize(
    "text", ['{"value": NaN}', '{"value": Infinity}', '{"value": 1e400}', '{"value": {"a": 1e400}}']
)
def test_numbers_that_json_cannot_say_are_refused_in_text_too(text: str) -> None:
    with pytest.raises(ValidationError):
        Quantity.model_validate_json(text)


@pytest.mark.parametrize("raw", ["\ud800", {"a": ["\udfff"]}, {"\ud800": 1}])
def test_half_a_surrogate_pair_is_refused_where_it_comes_in(raw: object) -> None:
    with pytest.raises(ValidationError):
        Event.model_validate({**EVENT, "raw": raw})


@pytest.mark.parametrize("confidence", NOT_A_SHARE)
def test_confidence_is_a_number_between_0_and_1(confidence: object) -> None:
    with pytest.raises(ValidationError):
        Uncertainty.model_validate({"type": "mixed", "confidence": confidence})


@given(st.floats(min_value=0, max_value=1))
def test_any_share_is_a_confidence(confidence: float) -> None:
    uncertainty = Uncertainty(type=UncertaintyType.MIXED, confidence=confidence)

    assert Uncertainty.model_validate_json(uncertainty.model_dump_json()) == uncertainty


@given(
    st.one_of(
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"])),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers()),
    )
)
def test_a_quantity_keeps_the_value_and_its_sort(value: Any) -> None:
    held = Quantity(value=value).value

    assert held == value
    assert type(held) is type(value)


@pytest.mark.parametrize("value", [None, [1, 2], (1, 2)])
def test_null_and_lists_are_not_quantities(value: object) -> None:
    with pytest.raises(ValidationError):
        Quantity.model_validate({"value": value})


def test_an_interval_has_its_ends_in_order() -> None:
    assert Interval(low=1).high is None
    with pytest.raises(ValidationError, match="low 2 is above high 1"):
        Interval(low=2, high=1)


def test_null_for_an_optional_list_reads_as_empty() -> None:
    event = Event.model_validate({**EVENT, "tags": None, "entity_refs": None})

    assert (event.tags, event.entity_refs) == ((), ())


def test_times_of_other_zones_are_printed_in_utc_and_bare_ones_refused() -> None:
    meta = WORLD_STATE["meta"]

    assert (
        WorldMeta.model_validate({**meta, "as_of": "2026-01-24T01:00:00+01:00"}).model_dump()["as_of"] == meta["as_of"]
    )
    with pytest.raises(ValidationError, match="no zone"):
        WorldMeta.model_validate({**meta, "as_of": "2026-01-24T01:00:00"})


def test_a_time_zone_and_a_validity_must_be_real_ones() -> None:
    with pytest.raises(ValidationError, match="IANA"):
        WorldMeta.model_validate({**WORLD_STATE["meta"], "timezone": "Europe/Atlantis"})
    with pytest.raises(ValidationError, match="ISO 8601"):
        StateVariable.model_validate({**WORLD_STATE["state_variables"][0], "valid_for": "5m"})


def test_a_bare_alias_stays_text_and_a_record_stays_an_object() -> None:
    entity = Entity.model_validate(WORLD_STATE["entities"][0])

    assert entity.aliases[0] == Alias(alias="P1")
    assert entity.aliases[1].kind is AliasKind.RECORD
    assert entity.model_dump(mode="json")["aliases"] == WORLD_STATE["entities"][0]["aliases"]


def test_an_anchor_says_its_kind_once() -> None:
    assert Anchor(ref="mqtt:floor-3", kind=AnchorKind.TOOL).text == "tool:mqtt:floor-3"
    assert Anchor(ref="file:a.csv:7", kind=AnchorKind.FILE).text == "file:a.csv:7"


def test_an_observation_embeds_the_events_canonical_form() -> None:
    event = Event.model_validate(EVENT)

    observation = observation_of(event)

    assert observation.payload == event.canonical
    assert (observation.event_id, observation.source, observation.parsed_as) == ("e-1", "mqtt", ("reading",))
