"""A cell as it was and as it is: what a rollback compares."""

from __future__ import annotations

from typing import NamedTuple

from graphtwin.model.fact import Fact, Key


class Cell(NamedTuple):
    """A key at a valid time (S5), with the winner that it had, or would have, and the one at the head (S7).

    `then` is None where nothing was said of the cell.
    """

    key: Key
    valid_from: int
    then: Fact | None
    now: Fact
