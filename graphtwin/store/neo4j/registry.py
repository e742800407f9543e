"""The registries beside the facts, all derivable: which keys there are, who points to whom, who is whom at the head (S16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from graphtwin.methods.state.policy import Policy
from graphtwin.model.fact import ENTITY, Fact, Key
from graphtwin.store.neo4j.rows import key_of, key_text
from graphtwin.store.neo4j.session import Statements

PAGE: Final = 10_000


class Registry:
    """Answers supersets: keys and links that were ever used, whatever the instant."""

    def __init__(self, ask: Statements, world: str) -> None:
        self._ask = ask
        self._world = world

    async def keys_of(self, records: Iterable[str]) -> set[Key]:
        """Every key of the records."""
        return await self._keys("fact/keys_of_records", sorted(set(records)))

    async def keys_named(self, names: Iterable[tuple[str, str]]) -> set[Key]:
        """Every key of each (record, beginning of the name)."""
        return await self._keys("fact/keys_of_names", [list(one) for one in sorted(set(names))])

    async def links_into(self, records: Iterable[str]) -> set[Key]:
        """Keys of relations and attributes that ever pointed to one of the records."""
        return await self._keys("fact/links_into", sorted(set(records)))

    async def members_ever(self, entities: Iterable[str]) -> list[tuple[str, str]]:
        """(entity, record) for the records that a decision ever put into one of the entities."""
        rows = await self._ask.batched("identity/members_ever", sorted(set(entities)), world=self._world)
        return [(entity, record) for entity, record in rows]

    async def absent_records(self) -> frozenset[str]:
        """The records that don't exist at the head; not pinned to a version, so the head must be looked at again (S19)."""
        return frozenset((await self._ask("identity/absent_records", world=self._world))[0])

    async def all_keys(self) -> set[Key]:
        """Every key of the world."""
        found: set[Key] = set()
        after, until = f"{self._world}\x1f", f"{self._world}\x20"
        while True:
            page = (await self._ask("fact/keys_page", after=after, until=until, limit=PAGE))[0]
            found.update(map(key_of, page))
            if len(page) < PAGE:
                return found
            after = page[-1]

    async def add(self, facts: Mapping[Key, Iterable[Fact]], policy: Policy, held: Mapping[Key, Fact]) -> None:
        """Register the keys and links of new facts, given by key; what `held` claims is registered already."""
        rows = [[key_text(self._world, key), *key] for key in sorted(facts.keys() - held.keys())]
        await self._ask.batched("fact/merge_keys", rows, world=self._world)
        await self._ask.batched("fact/merge_links", link_rows(self._world, facts, policy, held), world=self._world)

    async def _keys(self, statement: str, rows: list[Any]) -> set[Key]:
        return set(map(key_of, await self._ask.batched(statement, rows, world=self._world)))


def link_rows(
    world: str, facts: Mapping[Key, Iterable[Fact]], policy: Policy, held: Mapping[Key, Fact]
) -> list[list[Any]]:
    """[key, object, record, name] of everything that points: many-valued relations and attributes by their object,
    functional relations and identity decisions by their value. What `held` claims is linked already.
    """
    pointing = {name for name in {key.name for key in facts} if points_by_value(name, policy)}
    links = set()
    for key, of_key in facts.items():
        known = held.get(key)
        if key.object and known is None:
            links.add((key, key.object))
        if key.name in pointing:
            said = {str(fact.value) for fact in of_key if fact.op == "assert"}
            links.update((key, far) for far in said if known is None or str(known.value) != far)
    return [[key_text(world, key), far, key.record, key.name] for key, far in sorted(links)]


def points_by_value(name: str, policy: Policy) -> bool:
    """The values under this name are records or entities."""
    return name == ENTITY or (policy.is_relation(name) and policy.functional(name))
