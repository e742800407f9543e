"""Silence of sources and staleness of variables."""

from graphtwin.methods.judging.silence import find_silence
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import EntityType, Source, TwinConfig, Variable, WorldConfig
from graphtwin.model.state import At, EntityState, Held, State

S = 1_000_000


def world(cadence="1s", **variables):
    return Policy(
        TwinConfig(
            world=WorldConfig(id="w"),
            sources={"meter": Source(type="file", path="m.jsonl", cadence=cadence)},
            types={
                "pump": EntityType(variables=variables or {"flow": Variable(), "name": Variable(datatype="string")})
            },
        )
    )


def pump(at, lifecycle="active", **values):
    reported = {
        name: Held(value, "", heard, heard, 1.0, "observation", "meter", "meter:p", f"f-{name}")
        for name, (value, heard) in values.items()
    }
    return State(At(at, 1), {"p": EntityState("p", "pump", lifecycle, ("meter:p",), reported)}, {})


def test_a_source_that_missed_three_readings_silences_what_rests_on_it_in_one_finding():
    state = pump(10 * S, flow=(1.0, 6 * S), name=("x", 6 * S))

    found, _ = find_silence(state, {"meter": 6 * S}, world())

    assert [(one.source, one.entity, one.variables) for one in found] == [("meter", "p", ("flow", "name"))]
    assert found[0].heard_at == 6 * S


def test_exactly_three_readings_late_is_not_yet_silence():
    found, _ = find_silence(pump(9 * S, flow=(1.0, 6 * S)), {"meter": 6 * S}, world())

    assert found == ()


def test_an_old_variable_of_a_speaking_source_is_silent_only_if_it_promises_its_own_cadence():
    state = pump(10 * S, flow=(1.0, 2 * S))
    speaking = {"meter": 10 * S}

    assert find_silence(state, speaking, world())[0] == ()
    assert find_silence(state, speaking, world(flow=Variable(cadence=1 * S)))[0][0].variables == ("flow",)


def test_a_silent_source_without_a_value_in_the_present_is_still_found():
    found, _ = find_silence(State(At(10 * S, 1), {}, {}), {"meter": 1 * S}, world())

    assert [(one.source, one.entity) for one in found] == [("meter", "")]


def test_sources_without_cadence_or_never_heard_are_listed_as_not_judged():
    _, no_cadence = find_silence(pump(10 * S), {"meter": 1 * S}, world(cadence=None))
    _, unheard = find_silence(pump(10 * S), {}, world())

    assert "no cadence" in no_cadence[0].reason
    assert "never heard" in unheard[0].reason


def test_what_its_roster_no_longer_names_is_not_called_silent_too():
    state = pump(10 * S, "stale", flow=(1.0, 1 * S))

    found, _ = find_silence(state, {"meter": 1 * S}, world())

    assert [one.entity for one in found] == [""]
