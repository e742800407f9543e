"""A whole world at one instant, from its facts alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.claims import asserted
from graphtwin.methods.state.lifecycle import Roster, lifecycles, roster_key, rosters_of
from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import ENTITY, Fact, Key
from graphtwin.model.state import At, Lifecycle, State
from graphtwin.store.neo4j.registry import Registry
from graphtwin.store.neo4j.session import Statements
from graphtwin.store.neo4j.tops import seek_cells_of, seek_last_claims, seek_tops


@dataclass(frozen=True, slots=True)
class Whole:
    """A state with what it was made from."""

    state: State
    tops: Mapping[Key, Fact]
    lifecycles: Mapping[str, Lifecycle]


async def whole_world(
    ask: Statements,
    world: str,
    at: At,
    policy: Policy,
    *,
    horizon: int,
    rostered: Collection[str],
    absent: Collection[str] = frozenset(),
) -> Whole:
    """The state at (valid, seq) under a configuration; `horizon` is V(at.seq).

    `absent` are records that are known not to exist at that instant: they claim nothing, so only whose they were is read.
    """
    keys = [key for key in await Registry(ask, world).all_keys() if key.name == ENTITY or key.record not in absent]
    tops = await seek_tops(ask, world, keys, at, horizon=horizon)
    cells = await seek_cells_of(ask, world, {roster_key(one): policy.retire_after(one) for one in rostered}, at)
    rosters = {one: rosters_of(cells[roster_key(one)], valid=at.valid, seq=at.seq) for one in rostered}
    missed = {key: top for key, top in tops.items() if _is_missed(key.record, rosters)}
    standing = lifecycles(await seek_last_claims(ask, world, missed, at), rosters, policy)
    return Whole(assemble(asserted(tops), policy, at, standing), tops, standing)


def _is_missed(record: str, rosters: Mapping[str, Sequence[Roster]]) -> bool:
    """The newest roster of the record's source doesn't name it: others are active, whatever was claimed."""
    source, _, local = record.partition(":")
    return bool(rosters.get(source)) and local not in rosters[source][0][1]
