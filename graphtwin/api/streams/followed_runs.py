"""Which runs somebody was told of, and how far: what goes into the cursor of runs, so that none is missed or told twice."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from graphtwin.errors import UsageError
from graphtwin.methods.views.step_lines import lines_of
from graphtwin.model.commit import RunRecord
from graphtwin.model.durations import SECOND

ENDED: Final = -1
"""How far a run is that has ended."""
SLACK: Final = 10 * SECOND
"""A run may show so much later than it started; clocks of machines that write to one world may differ by as much."""
_OPEN: Final = 50
"""Runs without an end that are waited for: those that died never have one."""
_LONGEST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Followed:
    """`told` holds when runs started and how far they were: those without an end, and those that started within the slack
    before `begun`, when the newest that was told started. All others that started before are done with.
    """

    begun: int = 0
    told: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def since(self) -> int:
        """When a run started at the earliest that may be new."""
        return self.begun - SLACK

    @property
    def without_end(self) -> list[str]:
        """The runs that are waited for, the oldest first."""
        waiting = sorted((started_at, one) for one, (started_at, far) in self.told.items() if far != ENDED)
        return [one for _, one in waiting]

    def far(self, run: str) -> int | None:
        """How far a run was when it was told of; None for one that wasn't."""
        told = self.told.get(run)
        return told[1] if told else None

    def with_told(self, run: RunRecord, far: int) -> Followed:
        """After so much of a run was told."""
        begun = max(self.begun, run.started_at)
        after = Followed(begun, {**self.told, run.id: (run.started_at, far)})
        waiting = frozenset(after.without_end[-_OPEN:])
        kept = {one: told for one, told in after.told.items() if one in waiting or told[0] >= after.since}
        return Followed(begun, kept)


def how_far(run: RunRecord) -> int:
    """How far a run is: 0 before its first step, then one more with each step that it begins."""
    if run.ended_at is not None:
        return ENDED
    return 1 + len(lines_of(run)) if run.step else 0


def write_followed(followed: Followed) -> str:
    """An opaque text; only `read_followed` looks inside."""
    text = json.dumps([followed.begun, [[one, *told] for one, told in followed.told.items()]], separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode()


def read_followed(cursor: str) -> Followed:
    """What was written. Raises UsageError for a text that isn't a cursor of runs."""
    try:
        packed = base64.b64decode(cursor, altchars=b"-_", validate=True)
        begun, rows = json.loads(zlib.decompressobj().decompress(packed, _LONGEST))
        told = {one: (started_at, far) for one, started_at, far in rows}
    except (binascii.Error, zlib.error, ValueError, TypeError, RecursionError) as error:
        raise _unreadable() from error
    numbers = [begun, *(number for row in told.values() for number in row)]
    texts = all(isinstance(one, str) for one in told)
    if not isinstance(rows, list) or not texts or any(type(number) is not int for number in numbers):
        raise _unreadable()
    return Followed(begun, told)


def _unreadable() -> UsageError:
    return UsageError("after isn't a cursor of runs.", hint="give the cursor of a message of it, unchanged")
