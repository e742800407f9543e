"""A dry run: acts are shown as they would be sent, and nothing is."""

from __future__ import annotations

from typing import Protocol

from graphtwin.actuators.telling import told
from graphtwin.model.act_address import Unsendable
from graphtwin.ports import ActAnswer, Command


class Showing(Protocol):
    """An actuator that can say what it would send."""

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        ...

    def shown(self, command: Command) -> str:
        """What it would do, without login, such as `send PUT http://… {…}`. Raises Unsendable."""
        ...


class DryRunActuator:
    """Stands in the place of an actuator with `dry_run: true`. It needs no login, so it asks for no secret."""

    def __init__(self, real: Showing) -> None:
        self._real = real

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        return self._real.name

    def check(self) -> None:
        """There is nothing that could be missing."""

    async def send(self, command: Command) -> ActAnswer:
        """Always not_sent, with what would have been sent."""
        try:
            return ActAnswer("not_sent", told(f"dry run: would {self._real.shown(command)}"))
        except Unsendable as error:
            return ActAnswer("not_sent", told(f"dry run: it couldn't be sent: {error}"))
