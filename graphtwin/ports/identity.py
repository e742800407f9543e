"""What is asked about which records are one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from graphtwin.model.fact import Fact


class IdentityReads(Protocol):
    """Records, the names that they gave, and the entities that they are."""

    async def records_of(self, world: str, records: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        """(type, entity id) of each record that exists at the head; the type is the one that the record itself claims."""
        ...

    async def names_used(self, world: str, names: Sequence[str]) -> frozenset[tuple[str, bool]]:
        """(name, whether with an object) of those of the names that any fact was ever said under, in any layer (S5)."""
        ...

    async def mapped(self, world: str, records: Sequence[str]) -> Mapping[str, str]:
        """The entity of each record that has an `@entity` claim in force at the head, whether the record exists or not: a
        retired one keeps its entity (S13). Others are left out.
        """
        ...

    async def entities_called(self, world: str, ids: Sequence[str]) -> Mapping[str, str]:
        """The existing entity at the head that each id names: itself, or for one merged away as `entity` answers it. An id
        of which nothing exists is left out.
        """
        ...

    async def founded(self, world: str, entities: Sequence[str]) -> Mapping[str, int]:
        """The first version at which an `@entity` fact gave a record to each id (S14); an id that none was given to is left
        out.
        """
        ...

    async def records_ever(self, world: str, entities: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The records that an `@entity` fact ever gave to each id, at whatever instant, sorted; an id that none was given
        to is left out.
        """
        ...

    async def entity_facts(self, world: str, records: Sequence[str]) -> tuple[Fact, ...]:
        """Every `@entity` fact of the records, all ops, planned ones too: by record, then (valid_from, prio, id)."""
        ...

    async def identify(self, world: str, name: str, values: Sequence[Any]) -> Mapping[Any, tuple[str, ...]]:
        """For each of the values (text or numbers) that is held: the existing records whose reported claim of the
        variable holds it at the head, sorted. Values are equal as JSON: true isn't 1.
        """
        ...
