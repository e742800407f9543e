"""The claim of each key at an instant of both axes, by index seeks (S7, S8, S16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from graphtwin.methods.state.claims import cells_of, last_said, top_of
from graphtwin.model.fact import RANK, Fact, Key
from graphtwin.model.state import At
from graphtwin.store.neo4j.rows import facts_of, key_text, top_of_row
from graphtwin.store.neo4j.session import Statements

_DEPTH: Final = 16
"""Index entries asked for at once below a withdrawn cell."""
_SPARE: Final = 2
"""Entries asked for beyond the cells wanted: few are said twice, and those of rosters are large."""


async def seek_tops(
    ask: Statements,
    world: str,
    keys: Iterable[Key],
    at: At,
    *,
    horizon: int | None = None,
    buried: set[Key] | None = None,
) -> dict[Key, Fact]:
    """The top of every key that has one, asserts and ends. `horizon` is V(at.seq) where it is known: facts that weren't
    planned lie at or before it, so the seek needn't step over newer ones, and planned ones are looked at apart (S16).
    `buried` takes the keys whose newest cell is withdrawn.
    """
    wanted = set(keys)
    if not wanted:
        return {}
    valid = at.valid if horizon is None else min(at.valid, horizon)
    asked = {key_text(world, key): key for key in wanted}
    rows = await ask.batched("fact/seek_tops", sorted(asked), valid=valid, seq=at.seq)
    tops = {key: top_of_row(key, row) for row in rows for key in (asked[row[0]],)}
    if buried is not None:
        buried.update(key for key, fact in tops.items() if fact.op == "withdraw")
    await _look_below(ask, world, tops, at.seq)
    if at.valid > valid:
        tops |= await _planned_tops(ask, world, wanted, valid, at)
    return tops


async def seek_tops_at(
    ask: Statements, world: str, wanted: Iterable[tuple[Key, int]], seq: int
) -> dict[tuple[Key, int], Fact]:
    """The top of each key at a valid time of its own, asserts and ends."""
    left = set(wanted)
    tops: dict[tuple[Key, int], Fact] = {}
    depth = _DEPTH
    while left:
        rows = [[key_text(world, key), valid + 1] for key, valid in sorted(left)]
        found: dict[Key, dict[str, Fact]] = defaultdict(dict)
        for fact in facts_of(await ask.batched("fact/seek_below", rows, depth=depth, seq=seq)):
            found[fact.key][fact.id] = fact
        for key, valid in sorted(left):
            below = [fact for fact in found[key].values() if fact.valid_from <= valid]
            top = top_of(below, valid=valid, seq=seq)
            if top is not None:
                tops[key, valid] = top
            if top is not None or len(below) < depth:
                left.discard((key, valid))
        depth *= _DEPTH
    return tops


async def seek_cells(ask: Statements, world: str, key: Key, at: At, *, limit: int) -> list[Fact]:
    """The winners of a key's cells with valid_from ≤ at.valid, newest first: the first `limit` of them that assert."""
    cells: list[Fact] = []
    below = at.valid + 1
    depth = limit + _SPARE
    while len(cells) < limit:
        found = facts_of(await ask.batched("fact/seek_below", [[key_text(world, key), below]], depth=depth, seq=at.seq))
        winners = cells_of(found, valid=below - 1, seq=at.seq)
        cells += [cell for cell in winners if cell.op == "assert"]
        if len(found) < depth:
            break
        below = winners[-1].valid_from
    return cells[:limit]


async def seek_cells_of(ask: Statements, world: str, limits: Mapping[Key, int], at: At) -> dict[Key, list[Fact]]:
    """The same for several keys, each with its limit; only a key that needs a second look costs another statement."""
    depth = max(limits.values(), default=0) + _SPARE
    rows = [[key_text(world, key), at.valid + 1] for key in sorted(limits)]
    found: dict[Key, list[Fact]] = {key: [] for key in limits}
    for fact in facts_of(await ask.batched("fact/seek_below", rows, depth=depth, seq=at.seq)):
        found[fact.key].append(fact)
    cells = {}
    for key, limit in limits.items():
        said = [cell for cell in cells_of(found[key], valid=at.valid, seq=at.seq) if cell.op == "assert"]
        if len(said) < limit and len(found[key]) == depth:
            said = await seek_cells(ask, world, key, at, limit=limit)
        cells[key] = said[:limit]
    return cells


async def seek_last_claims(ask: Statements, world: str, tops: Mapping[Key, Fact], at: At) -> dict[str, int]:
    """For each record when its source last claimed anything of it, given the tops of all its keys (S24). A top that is a
    claim says it by itself; only below a decision that is newer than the record's other claims is looked further.
    """
    newest: dict[str, int] = {}
    for key, top in tops.items():
        if top.prio < RANK:
            newest[key.record] = max(top.valid_from, newest.get(key.record, top.valid_from))
    covered = {
        key: top.valid_from
        for key, top in tops.items()
        if top.prio >= RANK and top.valid_from > newest.get(key.record, top.valid_from - 1)
    }
    depth = _DEPTH
    while covered:
        rows = [[key_text(world, key), instant + 1] for key, instant in sorted(covered.items())]
        found: dict[Key, list[Fact]] = {key: [] for key in covered}
        for fact in facts_of(await ask.batched("fact/seek_below", rows, depth=depth, seq=at.seq)):
            found[fact.key].append(fact)
        for key, facts in found.items():
            last = last_said(facts, valid=covered[key], seq=at.seq)
            if last is not None:
                newest[key.record] = max(last, newest.get(key.record, last))
            if last is not None or len(facts) < depth:
                del covered[key]
        depth *= _DEPTH
    return newest


async def _look_below(ask: Statements, world: str, tops: dict[Key, Fact], seq: int) -> None:
    """Replace each withdrawn cell by what stands below it; a key without anything below has no top."""
    withdrawn = {key: fact for key, fact in tops.items() if fact.op == "withdraw"}
    while withdrawn:
        rows = [[key_text(world, key), withdrawn[key].valid_from] for key in sorted(withdrawn)]
        found: dict[Key, list[Fact]] = defaultdict(list)
        for fact in facts_of(await ask.batched("fact/seek_below", rows, depth=_DEPTH, seq=seq)):
            found[fact.key].append(fact)
        deeper: dict[Key, Fact] = {}
        for key, lost in withdrawn.items():
            cells = cells_of(found[key], valid=lost.valid_from - 1, seq=seq)
            top = next((cell for cell in cells if cell.op != "withdraw"), None)
            if top is not None:
                tops[key] = top
            elif len(found[key]) == _DEPTH:
                deeper[key] = cells[-1]
            else:
                del tops[key]
        withdrawn = deeper


async def _planned_tops(ask: Statements, world: str, keys: set[Key], after: int, at: At) -> dict[Key, Fact]:
    """The tops that planned facts in (after, at.valid] make; a withdrawn cell says nothing, so what is below counts."""
    columns = await ask("fact/planned_facts", world=world, after=after, until=at.valid, seq=at.seq)
    planned: dict[Key, list[Fact]] = defaultdict(list)
    for fact in facts_of(columns[0]):
        if fact.key in keys:
            planned[fact.key].append(fact)
    tops = {}
    for key, facts in planned.items():
        top = next((cell for cell in cells_of(facts, valid=at.valid, seq=at.seq) if cell.op != "withdraw"), None)
        if top is not None:
            tops[key] = top
    return tops
