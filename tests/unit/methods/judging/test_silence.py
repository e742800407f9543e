"""Silence of sources and staleness of variables."""

from graphtwin.methods.judging.silence import find_silence
from graphtwin.methods.state.policy import Policy
from graphtwin.model.configuration.twin import EntityType, Source, TwinConfig, Variable, WorldConfig
from graphtwin.model.state import At, EntityState, Held, State

S = 1_000_000


def world(cadence="1s", will="", **variables):
    return Policy(
        TwinConfig(
            world=WorldConfig(id="w"),
            sources={"meter": Source(type="mqtt", endpoint="mqtt://h/m", cadence=cadence, will_topic=will)},
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


def test_a_source_that_is_gone_by_its_own_word_is_silent_at_once_about_what_it_had_said():
    state = pump(10 * S, flow=(1.0, 9 * S), name=("x", 9 * S))

    found, _ = find_silence(state, {"meter": 9 * S}, world(cadence="1h", will="m/status"), gone={"meter": 10 * S})

    assert [(one.entity, one.variables, one.gone_since) for one in found] == [("p", ("flow", "name"), 10 * S)]


def test_what_it_says_later_than_its_clock_may_be_ahead_is_not_silent():
    state = pump(200 * S, flow=(1.0, 10 * S + 30 * S), name=("x", 10 * S + 31 * S))

    found, _ = find_silence(state, {"meter": 41 * S}, world(cadence="1h", will="m/status"), gone={"meter": 10 * S})

    assert [one.variables for one in found] == [("flow",)]


def test_a_source_that_went_before_it_said_anything_is_found_and_one_whose_will_nobody_asks_for_is_not():
    nothing = State(At(10 * S, 1), {}, {})

    found, _ = find_silence(nothing, {}, world(will="m/status"), gone={"meter": 9 * S, "other": 9 * S})

    assert [(one.source, one.entity, one.heard_at, one.gone_since) for one in found] == [("meter", "", 9 * S, 9 * S)]
    assert find_silence(nothing, {}, world(), gone={"meter": 9 * S})[0] == ()


def test_silence_grows_while_nothing_new_makes_a_version():
    state = pump(6 * S, flow=(1.0, 6 * S))

    assert find_silence(state, {"meter": 6 * S}, world())[0] == ()
    assert find_silence(state, {"meter": 6 * S}, world(), now=10 * S)[0][0].variables == ("flow",)


def test_a_source_that_had_more_to_say_is_judged_at_the_last_instant_heard_from_it_s26():
    state = pump(100 * S, flow=(1.0, 6 * S), name=("x", 2 * S))
    policy = world(flow=Variable(cadence=1 * S), name=Variable(datatype="string", cadence=1 * S))

    caught_up, _ = find_silence(state, {"meter": 7 * S}, policy)
    behind, _ = find_silence(state, {"meter": 7 * S}, policy, behind={"meter"})

    assert [one.variables for one in caught_up] == [("flow", "name")]
    assert [one.variables for one in behind] == [("name",)]
