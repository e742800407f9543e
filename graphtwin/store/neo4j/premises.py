"""What derivations rest on: winning claims, founding records, and what a rule holds (S22)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from graphtwin.methods.matching.entity_ids import founding_record
from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.fusion import fuse
from graphtwin.methods.state.policy import Policy
from graphtwin.methods.state.shown import shown_as
from graphtwin.model.configuration.reserved import relation_token
from graphtwin.model.fact import TYPE, Fact, Key
from graphtwin.model.machine import TRANSITION
from graphtwin.model.state import At, EntityState, State
from graphtwin.store.neo4j.part import Shape, own_part
from graphtwin.store.neo4j.registry import Registry
from graphtwin.store.neo4j.rows import key_of
from graphtwin.store.neo4j.session import Statements
from graphtwin.store.neo4j.tops import seek_tops
from graphtwin.store.neo4j.views import HeadView


async def derived_by_rule(ask: Statements, world: str, at: At) -> dict[str, tuple[Fact, ...]]:
    """The tops, asserts and ends, of all keys of the records `rule:<id>/...`, by rule and then by key."""
    keys = map(key_of, (await ask("fact/keys_of_voice", world=world, prefix="rule:"))[0])
    tops = await seek_tops(ask, world, keys, at)
    found: dict[str, list[Fact]] = defaultdict(list)
    for key in sorted(tops):
        found[key.record.removeprefix("rule:").partition("/")[0]].append(tops[key])
    return {rule: tuple(facts) for rule, facts in found.items()}


async def fired_tops(ask: Statements, world: str, at: At) -> tuple[Fact, ...]:
    """The newest firing of each state machine, by key."""
    tops = await seek_tops(ask, world, await machine_keys(ask, world), at)
    return tuple(tops[key] for key in sorted(tops) if tops[key].op == "assert")


async def machine_keys(ask: Statements, world: str) -> set[Key]:
    """Every key that ever told of a firing."""
    return set(map(key_of, (await ask("fact/keys_of_voice", world=world, prefix=f"{TRANSITION}:"))[0]))


async def founding_records(ask: Statements, world: str, at: At, entities: Iterable[str]) -> dict[str, str]:
    """The founding record of each entity that has one: the smallest that exists, derivations aside."""
    view = HeadView(ask, world, at)
    members = await view.members(entities)
    standing = await view.standing(record for own in members.values() for record in own)
    existing = {
        entity: [record for record in own if standing[record].type and standing[record].lifecycle != "retired"]
        for entity, own in members.items()
    }
    founding = {entity: founding_record(own) for entity, own in sorted(existing.items())}
    return {entity: record for entity, record in founding.items() if record is not None}


async def winning_facts(  # noqa: PLR0917 - the world as the transaction sees it
    ask: Statements,
    world: str,
    at: At,
    policy: Policy,
    objected: frozenset[str],
    wanted: Iterable[tuple[str, str]],
) -> Mapping[tuple[str, str], Fact]:
    """The winning claim of each [entity id, name or relation TYPE], where there is one."""
    premises = sorted(set(wanted))
    view = HeadView(ask, world, at)
    part = await own_part(view, Registry(ask, world), {entity for entity, _ in premises}, Shape(policy, objected))
    state = assemble(part.claims, policy, at, part.lifecycles)
    by_id = {claim.id: claim for claim in part.claims if claim.id}
    by_key = {claim.key: claim for claim in part.claims if claim.id}
    edges: dict[tuple[str, str], list[Fact]] = {}
    for edge in state.edges.values():
        if edge.layer == "reported":
            for name in {edge.relation, relation_token(edge.relation)}:
                edges.setdefault((edge.subject, name), []).append(by_id[edge.held.fact])
    found = {}
    for premise in premises:
        fact = _held_fact(state, *premise, policy=policy, by_id=by_id, by_key=by_key)
        fact = fact or _newest(edges.get(premise, []))
        if fact is not None:
            found[premise] = fact
    return found


async def entity_states(  # noqa: PLR0917 - the world as the transaction sees it
    ask: Statements, world: str, at: At, policy: Policy, objected: frozenset[str], wanted: Iterable[str]
) -> Mapping[str, EntityState]:
    """The entities as a snapshot of the present would show them; one that doesn't exist is left out."""
    ids = set(wanted)
    part = await own_part(HeadView(ask, world, at), Registry(ask, world), ids, Shape(policy, objected))
    held = assemble(part.claims, policy, at, part.lifecycles).entities
    return {entity: held[entity] for entity in sorted(ids) if entity in held}


def _held_fact(
    state: State, entity: str, name: str, *, policy: Policy, by_id: Mapping[str, Fact], by_key: Mapping[Key, Fact]
) -> Fact | None:
    """The claim behind a property of the present; of a mean, the claim of the record it is shown under."""
    held_entity = state.entities.get(entity)
    if held_entity is None:
        return None
    if name == TYPE:
        types = [by_key[Key("reported", record, TYPE)] for record in held_entity.records]
        return by_id[fuse(types, policy, "", TYPE).fact]
    place = shown_as(held_entity, name)
    if place is None:
        return None
    held = held_entity.layer(place[0])[place[1]]
    return by_id[held.fact] if held.fact else by_key.get(Key(place[0], held.record, place[1]))


def _newest(facts: Iterable[Fact]) -> Fact | None:
    return max(facts, key=lambda fact: (fact.valid_from, fact.key), default=None)
