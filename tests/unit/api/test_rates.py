"""So many times in a span, and what is over it is counted."""

from __future__ import annotations

from graphtwin.api.doors.rates import Rate


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_what_is_over_the_rate_is_left_out_and_counted_by_the_next_that_is_taken():
    clock = Hand()
    rate = Rate(2, 60, clock)

    first = [rate.take("a") for _ in range(5)]
    clock.at = 59.9
    still = rate.take("a")
    clock.at = 60.0
    later = [rate.take("a") for _ in range(2)]

    assert first == [0, 0, None, None, None]
    assert still is None
    assert later == [4, 0]


def test_each_name_has_a_span_of_its_own():
    rate = Rate(1, 60, Hand())

    assert [rate.take(name) for name in ("a", "b", "a", "b")] == [0, 0, None, None]
