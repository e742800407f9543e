"""Whether a world in memory agrees with itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise

from graphtwin.methods.audit.audit_chain import verify_chain
from graphtwin.methods.audit.audit_history import history_problems, promise_of, promised_versions
from graphtwin.methods.audit.decisions import DecisionCheck
from graphtwin.methods.state.state_hash import state_hash
from graphtwin.methods.state.version_id import version_id
from graphtwin.model.commit import Verification
from graphtwin.model.fact import Fact
from graphtwin.store.memory.world import World


def verify_world(world: World) -> Verification:
    """Recompute the head's hash, the chain of versions, the audit chain and the evidence."""
    head = world.head
    checks = {
        "hash": 1,
        "facts": len(world.facts),
        "versions": len(world.commits),
        "audit": len(world.audit),
        "evidence": len(world.evidence),
    }
    return Verification(head.world, head.seq, head.hash, checks, tuple(_problems(world)))


def _problems(world: World) -> Iterator[str]:
    told = state_hash(world.moment().state)
    if told != world.head.hash:
        yield f"hash: the head says {world.head.hash}, its facts make {told}"
    if len({fact.id for fact in world.facts}) != len(world.facts):
        yield "facts: an id stands twice"
    for before, after in pairwise(world.commits):
        due = version_id(after.world, after.seq, before.version_id, after.hash, after.configuration)
        if due != after.version_id:
            yield f"versions: v{after.seq} doesn't follow on v{before.seq}"
    broken = verify_chain(world.audit)
    if broken is not None:
        yield f"audit: the chain breaks at record {broken}"
    check = DecisionCheck()
    yield from (f"decisions: {problem}" for record in world.audit if (problem := check.problem(record)))
    for item, digest in world.evidence.values():
        if sha256(item.raw).hexdigest() != digest:
            yield f"evidence: the bytes of event {item.event} aren't those that were stored"
    yield from _history_problems(world)


def _history_problems(world: World) -> Iterator[str]:
    """Versions that aren't what the audit chain committed to."""
    promises = [promise for record in world.audit if (promise := promise_of(record))]
    facts: dict[int, list[Fact]] = defaultdict(list)
    for fact in world.facts:
        facts[fact.seq].append(fact)
    for seq, promise in promised_versions(promises, world.commits).items():
        events = {fact.event for fact in facts[seq]} & world.evidence.keys()
        pieces = {event: world.evidence[event][1] for event in events}
        for problem in history_problems(seq, promise, facts[seq], pieces):
            yield f"history: {problem}"
