"""An actuator that behaves as a test lets it, with the journal of the other side: what arrived, and what had an effect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from graphtwin.model.acting import Outcome
from graphtwin.ports import ActAnswer, Clock, Command

OUTCOMES: Final[dict[str, Outcome]] = {
    "apply": "done", "refuse": "refused", "hang": "unknown", "drop_before": "unknown", "drop_after": "unknown",
    "absent": "not_sent",
}  # fmt: skip
APPLYING: Final = ("apply", "drop_after")


@dataclass
class FakeActuator:
    """Keeps the contract of actuators. `behaviour` holds for each command that comes, the last one for all that follow."""

    name: str = "a"
    clock: Clock | None = None
    behaviour: list[str] = field(default_factory=lambda: ["apply"])
    arrivals: list[Command] = field(default_factory=list)
    effects: dict[str, Command] = field(default_factory=dict)
    problem: Exception | None = None

    def behave(self, *how: str) -> None:
        """From now on."""
        self.behaviour = list(how)

    def check(self) -> None:
        if self.problem:
            raise self.problem

    async def send(self, command: Command) -> ActAnswer:
        how = self.behaviour.pop(0) if len(self.behaviour) > 1 else self.behaviour[0]
        late = self.clock is not None and self.clock.now() > command.not_after
        if how == "absent" or late:
            return ActAnswer("not_sent", "nobody was there, or it was too late")
        self.arrivals.append(command)
        if how in APPLYING:
            self.effects.setdefault(command.key, command)
        return ActAnswer(OUTCOMES[how], f"it was told to {how}")
