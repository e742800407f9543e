"""Since when a comparison has held: the interval mathematics against a look at every single instant."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.scene import twin
from hypothesis import given
from hypothesis import strategies as st

from graphtwin.methods.rules.lasting import Past, Stretch, past_of, unbroken_since
from graphtwin.methods.state.policy import Policy
from graphtwin.model.state import Held, Spell

END = 30
VALID_FOR = 4
POLICY = Policy(
    twin("w", types={"pump": {"variables": {"flow": {"valid_for": "4us"}, "mode": {"datatype": "string"}}}})
)

steps = st.lists(
    st.tuples(st.integers(0, END + 5), st.one_of(st.none(), st.integers(0, 3))),
    max_size=12,
    unique_by=lambda one: one[0],
).map(lambda pairs: [Stretch(*pair) for pair in sorted(pairs)])


def above(one: Stretch, other: Stretch) -> bool:
    return bool(one.value > other.value)


def at(function: Sequence[Stretch], instant: int) -> Stretch | None:
    """The value at an instant, looked for by hand."""
    return next((one for one in reversed(function) if one.since <= instant), None)


def looked_at(left: Sequence[Stretch], right: Sequence[Stretch], until: int) -> int | None:
    """The answer by definition: back from the end, one microsecond after the other."""
    since = None
    for instant in range(until, -1, -1):
        one, other = at(left, instant), at(right, instant)
        if one is None or other is None or one.value is None or other.value is None or not one.value > other.value:
            break
        since = instant
    return since


def held(value: int, observed_at: int) -> Held:
    return Held(value, "", observed_at, observed_at, 1.0, "observation", "bus", "bus:p", "f")


@given(steps, steps, st.integers(0, END))
def test_the_intervals_agree_with_a_look_at_every_instant_s23(left: list[Stretch], right: list[Stretch], until: int):
    assert unbroken_since(left, right, above, until=until) == looked_at(left, right, until)


@given(
    st.lists(
        st.tuples(st.integers(0, END), st.one_of(st.none(), st.integers(0, 9)), st.integers(0, 6)),
        min_size=1,
        max_size=8,
        unique_by=lambda one: one[0],
    )
)
def test_a_reading_counts_at_each_instant_at_which_it_isnt_stale_s23(said: list[tuple[int, int | None, int]]):
    spells = [
        Spell(since, None if value is None else held(value, since - earlier), "pump")
        for since, value, earlier in sorted(said)
    ]

    past = past_of(spells, POLICY, "flow")

    for instant in range(spells[0].since, END + 10):
        spell = next(one for one in reversed(spells) if one.since <= instant)
        fresh = spell.held is not None and instant - spell.held.observed_at <= VALID_FOR
        counted = at(past.stretches, instant)
        assert counted is not None
        assert counted.value == (spell.held.value if spell.held and fresh else None)


def test_what_never_goes_stale_counts_for_ever_s23():
    spells = (Spell(0, held(1, 0), "pump"),)

    assert past_of(spells, POLICY, "mode") == Past([Stretch(0, 1)], spells[0].held)
    assert past_of(spells, POLICY, "flow_desired").stretches == [Stretch(0, 1)]
    assert past_of(spells, POLICY, "flow").stretches == [Stretch(0, 1), Stretch(5, None)]


def test_nothing_is_known_before_both_begin_s23():
    left, right = [Stretch(2, 9)], [Stretch(7, 1)]

    assert unbroken_since(left, right, above, until=10) == 7
    assert unbroken_since(left, right, above, until=6) is None
