"""What every actuator promises, whatever it speaks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pytest

from graphtwin.model.plan import Request
from graphtwin.ports import ActAnswer, Actuator, Command

NOW = 1_769_860_800_000_000
SECRET = "s3cret/with ütf+8"  # noqa: S105 - a canary
Behaviour = Literal["apply", "refuse", "hang", "drop_before", "drop_after", "absent"]


@dataclass
class StandingClock:
    """A clock that a test sets."""

    at: int = NOW

    def now(self) -> int:
        return self.at


@dataclass(frozen=True)
class Effect:
    """What the other side did: by which key, where, and what for."""

    key: str
    path: str
    body: Any


class OtherSide(Protocol):
    """What an actuator speaks to."""

    def behave(self, how: Behaviour) -> None:
        """From now on."""

    def arrivals(self) -> int:
        """How many commands came this far."""

    def effects(self) -> list[Effect]:
        """What they brought about."""


def a_command(**changes: Any) -> Command:
    """A command that may still be sent."""
    request = Request("PUT", "zones/z1", {"setpoint": 21.5})
    return Command(**{"key": "act-1", "actuator": "a", "request": request, "not_after": NOW + 60_000_000} | changes)


class ActuatorContract(ABC):
    """Subclasses say how an actuator of theirs, named "a", is made with what it speaks to. The other side waits less than
    the actuator, so that `hang` is the actuator's timeout.
    """

    @pytest.fixture
    def clock(self) -> StandingClock:
        return StandingClock()

    @pytest.fixture
    @abstractmethod
    def other_side(self, tmp_path) -> OtherSide:
        """What receives the commands; it behaves well."""

    @pytest.fixture
    @abstractmethod
    def actuator(self, other_side, clock) -> Actuator:
        """An actuator that logs in with SECRET where it can."""

    async def test_it_bears_its_name(self, actuator):
        assert actuator.name == "a"

    async def test_what_was_taken_is_done_once_with_its_key(self, actuator, other_side):
        answer = await actuator.send(a_command())

        assert answer.outcome == "done"
        assert other_side.effects() == [Effect("act-1", "zones/z1", {"setpoint": 21.5})]

    async def test_what_was_refused_had_no_effect(self, actuator, other_side):
        other_side.behave("refuse")

        answer = await actuator.send(a_command())

        assert answer.outcome == "refused"
        assert other_side.effects() == []

    @pytest.mark.parametrize(("how", "effects"), [("hang", 0), ("drop_before", 0), ("drop_after", 1)])
    async def test_without_an_answer_nobody_knows_and_it_is_never_sent_again(self, how, effects, actuator, other_side):
        other_side.behave(how)

        answer = await actuator.send(a_command())

        assert answer.outcome == "unknown"
        assert other_side.arrivals() == 1
        assert len(other_side.effects()) == effects

    async def test_where_nobody_is_nothing_was_sent(self, actuator, other_side):
        other_side.behave("absent")

        answer = await actuator.send(a_command())

        assert answer.outcome == "not_sent"
        assert other_side.arrivals() == 0

    async def test_too_late_is_not_sent(self, actuator, other_side, clock):
        clock.at = NOW + 1

        answer = await actuator.send(a_command(not_after=NOW))

        assert answer.outcome == "not_sent"
        assert other_side.arrivals() == 0

    async def test_a_key_that_comes_twice_has_one_effect(self, actuator, other_side):
        first, second = await actuator.send(a_command()), await actuator.send(a_command())

        assert (first.outcome, second.outcome) == ("done", "done")
        assert other_side.arrivals() == 2
        assert len(other_side.effects()) == 1

    @pytest.mark.parametrize("how", ["apply", "refuse", "hang", "drop_before", "absent"])
    async def test_an_answer_is_short_and_tells_no_secret(self, how, actuator, other_side):
        other_side.behave(how)

        answer = await actuator.send(a_command())

        assert 0 < len(answer.text) <= 500
        assert_no_secret(answer)
        assert SECRET not in repr(actuator)


def assert_no_secret(answer: ActAnswer) -> None:
    assert "s3cret" not in answer.text
