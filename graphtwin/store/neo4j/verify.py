"""Whether a world agrees with itself: facts, hash, present, registries, evidence and both chains (S18, S21)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from graphtwin.errors import IntegrityError
from graphtwin.methods.audit.audit_chain import verify_chain
from graphtwin.methods.audit.audit_history import Promise, promise_of, promised_versions
from graphtwin.methods.audit.decisions import DecisionCheck
from graphtwin.methods.state.state_hash import EMPTY, add, digest, state_items
from graphtwin.methods.state.version_id import version_id
from graphtwin.model.commit import Commit, Head, Verification
from graphtwin.store.neo4j.evidence import unpack
from graphtwin.store.neo4j.heads import audit_of, commit_from
from graphtwin.store.neo4j.moment import Moment, Policies, moment_at
from graphtwin.store.neo4j.session import Database, Statements
from graphtwin.store.neo4j.verify_graph import present_problems, record_problems
from graphtwin.store.neo4j.verify_history import changed_history

_PAGE: Final = 1_000
_SEGMENTS: Final = 50
_TIMEOUT_S: Final = 1_800.0
_LOOKS: Final = 3
"""How often it looks beside writers, before it makes them wait."""
_NAMED: Final = 20
"""Problems of one kind that are spelled out."""


async def verify_world(database: Database, policies: Policies, world: str) -> Verification:
    """Every check at the head's as_of, and what contradicts. Raises NotFound.

    Looked at beside writers; where that finds problems and the head has moved meanwhile, again, at last under the
    world's lock.
    """
    for _ in range(_LOOKS):
        async with database.reading(timeout_s=_TIMEOUT_S) as ask:
            looked, found = await _verify(ask, policies, world)
            if not found.problems or _stands((await moment_at(ask, policies, world, None)).head, looked):
                return found
    async with database.writing(timeout_s=_TIMEOUT_S) as ask:
        await ask("world/touch_lock", world=world)
        return (await _verify(ask, policies, world))[1]


def _stands(head: Head, looked: Head) -> bool:
    """Nothing was committed since; that the lease was taken anew (its epoch) makes no difference."""
    return replace(head, epoch=0) == replace(looked, epoch=0)


async def _verify(ask: Statements, policies: Policies, world: str) -> tuple[Head, Verification]:
    """The head that was looked at, and what was found."""
    checks: dict[str, int] = {}
    problems: list[str] = []
    moment = await moment_at(ask, policies, world, None)
    problems += await _head_problems(ask, moment, checks)
    checks["facts"] = (await ask("audit/count_facts", world=world))[0]
    problems += await _fact_problems(ask, moment)
    versions = [commit async for commit in _commits(ask, world)]
    checks["versions"] = len(versions)
    problems += _some("versions", _version_problems(versions, moment))
    problems += await _evidence_problems(ask, world, checks)
    promises: list[Promise] = []
    problems += await _audit_problems(ask, moment, checks, promises)
    promised = promised_versions(promises, versions)
    checks["history"] = len(promised)
    problems += _some("history", await changed_history(ask, world, versions, promised))
    head = moment.head
    return head, Verification(world, head.seq, head.hash, checks, tuple(problems))


async def _head_problems(ask: Statements, moment: Moment, checks: dict[str, int]) -> list[str]:
    """Whether hash, present and records are what the facts make; the whole state is let go before history is read."""
    world, whole = moment.world, await moment.whole()
    accumulator = add(EMPTY, state_items(whole.state))
    checks |= {"hash": 1, "entities": len(whole.state.entities), "edges": len(whole.state.edges)}
    return [
        *await _hash_problems(ask, moment, accumulator),
        *_some("present", await present_problems(ask, world, whole.state, moment.policy)),
        *_some("records", await record_problems(ask, world, whole)),
    ]


async def _hash_problems(ask: Statements, moment: Moment, accumulator: bytes) -> list[str]:
    problems = []
    told = digest(accumulator)
    if told != moment.head.hash:
        problems.append(f"hash: the head says {moment.head.hash}, its facts make {told}")
    stored = (await ask("world/accumulator", world=moment.world))[0]
    if bytes(stored) != accumulator:
        problems.append("hash: the running sum isn't that of the facts; graphtwin rebuild makes it anew")
    return problems


async def _fact_problems(ask: Statements, moment: Moment) -> list[str]:
    """Facts that their commit doesn't account for, and registries that don't name what the facts use."""
    world = moment.world
    functional = [name for name in moment.policy.config.relations if moment.policy.functional(name)]
    problems = []
    for statement, params in (
        ("audit/miscounted_commits", {}),
        ("audit/orphan_facts", {}),
        ("audit/misplaced_plans", {}),
        ("audit/missing_keys", {}),
        ("audit/missing_links", {"functional": functional}),
        ("audit/empty_keys", {}),
        ("audit/misread_facts", {}),
    ):
        found = (await ask(statement, world=world, limit=_NAMED, **params))[0]
        problems += [f"{statement.partition('/')[2].replace('_', ' ')}: {one}" for one in found]
    names = await ask("fact/used_names", world=world)
    if not set(names[0]) <= set(moment.shape.objected) or not set(names[1]) <= moment.rostered:
        problems.append(
            "names: the world doesn't remember every name used with an object, or every source with rosters"
        )
    heard = dict((await ask("fact/newest_by_source", world=world, valid=moment.head.valid))[0])
    if heard != dict((await ask("run/last_heard", world=world))[0]):
        problems.append("heard: what was last heard of the sources isn't what their claims say")
    return problems


async def _commits(ask: Statements, world: str) -> AsyncIterator[Commit]:
    after = -1
    while page := (await ask("world/commits", world=world, after=after, limit=_PAGE))[0]:
        for row in page:
            yield commit_from(row)
        after = page[-1][1]


def _version_problems(versions: list[Commit], moment: Moment) -> Iterator[str]:
    head = moment.head
    if [commit.seq for commit in versions] != list(range(head.seq + 1)):
        yield f"one is missing between v0 and v{head.seq}"
    for commit in versions:
        due = version_id(commit.world, commit.seq, commit.parent_version_id, commit.hash, commit.configuration)
        if due != commit.version_id:
            yield f"the id of v{commit.seq} isn't that of what it says"
    for before, after in pairwise(versions):
        if after.parent_version_id != before.version_id or after.valid < before.valid:
            yield f"v{after.seq} doesn't follow on v{before.seq}"
    if versions and (versions[-1].version_id, versions[-1].valid) != (head.version_id, head.valid):
        yield "the head isn't the newest version"


async def _evidence_problems(ask: Statements, world: str, checks: dict[str, int]) -> list[str]:
    problems: list[str] = []
    after, count = "", 0
    while page := (await ask("run/segments_page", world=world, after=after, limit=_SEGMENTS))[0]:
        for segment in page:
            try:
                count += sum(1 for _ in unpack(segment))
            except IntegrityError as error:
                problems.append(f"evidence: {error.message} (segment {segment['id']})")
        after = page[-1]["id"]
    checks["evidence"] = count
    return problems


async def _audit_problems(
    ask: Statements, moment: Moment, checks: dict[str, int], promises: list[Promise]
) -> list[str]:
    """Where the chain breaks, and decisions that weren't for who made them; `promises` takes what records commit to."""
    last_n, last_hash = 0, ""
    check, unsigned = DecisionCheck(), list[str]()
    while page := (await ask("audit/records", world=moment.world, after=last_n, limit=_PAGE))[0]:
        records = [audit_of(moment.world, row) for row in page]
        broken = verify_chain(records, last_n=last_n, last_hash=last_hash)
        if broken is not None:
            return [f"audit: the chain breaks at record {broken}"]
        promises += [promise for record in records if (promise := promise_of(record))]
        unsigned += [problem for record in records if (problem := check.problem(record))]
        last_n, last_hash = records[-1].n, records[-1].hash
    checks["audit"] = last_n
    if (last_n, last_hash) != (moment.head.audit_n, moment.head.audit_hash):
        return [f"audit: the head names record {moment.head.audit_n}, the chain ends at {last_n}"]
    return _some("decisions", unsigned)


def _some(kind: str, found: Iterator[str] | list[Any]) -> list[str]:
    """The first problems of a kind, and how many more there are."""
    named = list(found)
    shown = [f"{kind}: {one}" for one in named[:_NAMED]]
    return shown if len(named) <= _NAMED else [*shown, f"{kind}: and {len(named) - _NAMED} more"]
