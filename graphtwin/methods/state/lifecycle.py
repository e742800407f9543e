"""Whether a record is active, stale or retired, derived from rosters and claims (S24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphtwin.methods.state.claims import cells_of
from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import ROSTER, Fact, Key, roster_record
from graphtwin.model.state import Lifecycle

Roster = tuple[int, frozenset[str]]
"""When it was taken (µs) and the local ids it names."""


def rosters_of(facts: Iterable[Fact], *, valid: int, seq: int) -> list[Roster]:
    """A source's rosters in force, newest first, from the facts of its roster key."""
    return [
        (winner.valid_from, frozenset(winner.value))
        for winner in cells_of(facts, valid=valid, seq=seq)
        if winner.op == "assert"
    ]


def roster_key(source: str) -> Key:
    """The key that carries a source's rosters."""
    return Key("reported", roster_record(source), ROSTER)


def lifecycle_of(record: str, last_claim: int, rosters: Sequence[Roster], retire_after: int) -> Lifecycle:
    """Stale when the newest roster misses the record and no claim is newer; retired when `retire_after` in a row do."""
    local_id = record.partition(":")[2]
    missed = 0
    for taken_at, members in rosters:
        if local_id in members or last_claim > taken_at:
            break
        missed += 1
        if missed >= retire_after:
            return "retired"
    return "stale" if missed else "active"


def lifecycles(
    last_claims: Mapping[str, int], rosters: Mapping[str, Sequence[Roster]], policy: Policy
) -> dict[str, Lifecycle]:
    """The lifecycle of every record whose source has rosters, where it isn't active. `last_claims` says when each record
    was last claimed anything of, `rosters` is by source.
    """
    found: dict[str, Lifecycle] = {}
    for record, last_claim in last_claims.items():
        source = record.partition(":")[0]
        if source in rosters and record != roster_record(source):
            lifecycle = lifecycle_of(record, last_claim, rosters[source], policy.retire_after(source))
            if lifecycle != "active":
                found[record] = lifecycle
    return found
