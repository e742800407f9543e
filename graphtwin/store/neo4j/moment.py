"""One instant of one world, ready to be asked: what every read begins with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from graphtwin.errors import NotFound
from graphtwin.methods.state.assemble import assemble
from graphtwin.methods.state.policy import Policy
from graphtwin.model.commit import Head
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.fact import ENTITY, Key
from graphtwin.model.state import At, State
from graphtwin.store.neo4j.heads import head_of
from graphtwin.store.neo4j.part import Shape, own_part, whole_part
from graphtwin.store.neo4j.registry import Registry
from graphtwin.store.neo4j.rows import key_of, key_text
from graphtwin.store.neo4j.session import Statements
from graphtwin.store.neo4j.views import PastView, Standing
from graphtwin.store.neo4j.whole import Whole, whole_world


@dataclass(slots=True)
class Policies:
    """Compiled configurations by world and hash; a configuration never changes under its hash."""

    _known: dict[tuple[str, str], Policy] = field(default_factory=dict)

    def of(self, world: str, configuration: str, text: str) -> Policy:
        """The policy of a stored configuration."""
        found = self._known.get((world, configuration))
        if found is None:
            if len(self._known) >= _POLICIES:
                self._known.clear()
            found = self._known[world, configuration] = Policy(TwinConfig.model_validate(json.loads(text)))
        return found


_POLICIES = 64
_LOOKS = 20
_BETWEEN_S = 0.05
"""A commit that another one makes just now shows in the world's head a moment before its index has it (S19)."""


class Moment:
    """A world at (valid, seq) under the configuration of seq."""

    def __init__(
        self, ask: Statements, head: Head, at: At, shape: Shape, *, horizon: int, digest: str, rostered: frozenset[str]
    ) -> None:
        self.ask = ask
        self.head = head
        self.world = head.world
        self.at = at
        self.horizon = horizon
        self.hash = digest
        self.shape = shape
        self.policy = shape.policy
        self.rostered = rostered
        self.registry = Registry(ask, head.world)
        self.view = PastView(ask, head.world, at, shape.policy, horizon=horizon, rostered=rostered)

    async def whole(self, absent: Collection[str] = frozenset()) -> Whole:
        """The whole world; `absent` are records that are known not to exist at this instant."""
        return await whole_world(
            self.ask,
            self.world,
            self.at,
            self.policy,
            horizon=self.horizon,
            rostered=self.rostered,
            absent=absent,
        )

    async def part(self, entities: Iterable[str]) -> State:
        """The entities with every edge at them; what else is in it is incomplete."""
        part = await whole_part(self.view, self.registry, entities, self.shape)
        return assemble(part.claims, self.policy, self.at, part.lifecycles)

    async def own(self, entities: Iterable[str]) -> State:
        """The entities with their values and the edges out of them."""
        part = await own_part(self.view, self.registry, entities, self.shape)
        return assemble(part.claims, self.policy, self.at, part.lifecycles)

    async def resolve(self, entities: Iterable[str]) -> dict[str, str]:
        """The ids that exist, and for each one merged away the entity that its records belong to: of the records that it
        ever had, the smallest that exists decides.
        """
        wanted = set(entities)
        members = await self.view.members(wanted)
        standing = await self.view.standing(record for own in members.values() for record in own)
        found = {entity: entity for entity, own in members.items() if any(exists(standing[one]) for one in own)}
        gone = wanted - found.keys()
        if gone:
            found |= await self._resolve_gone(gone)
        return found

    async def _resolve_gone(self, gone: set[str]) -> dict[str, str]:
        candidates = await self.registry.members_ever(gone)
        rows = [[key_text(self.world, Key("reported", record, ENTITY)), entity] for entity, record in candidates]
        held = await self.ask.batched("identity/ever_given", sorted(rows), seq=self.at.seq)
        ever = {entity: {entity} for entity in gone}
        for text, entity in held:
            ever[entity].add(key_of(text).record)
        standing = await self.view.standing(record for records in ever.values() for record in records)
        found = {}
        for entity, records in ever.items():
            existing = [record for record in sorted(records) if exists(standing[record])]
            if existing:
                found[entity] = standing[existing[0]].entity
        return found


def exists(standing: Standing) -> bool:
    """A record exists while its type is claimed and no roster has retired it (S12, S24)."""
    return standing.type is not None and standing.lifecycle != "retired"


def existing(standing: Mapping[str, Standing]) -> list[str]:
    """Those records that exist, sorted."""
    return sorted(record for record, one in standing.items() if exists(one))


async def moment_at(ask: Statements, policies: Policies, world: str, at: At | None) -> Moment:
    """The instant; None is the head at its own valid time. Raises NotFound for a world or version that isn't there."""
    return await _moment(ask, policies, world, None if at is None else at.seq, None if at is None else at.valid)


async def moment_of(ask: Statements, policies: Policies, world: str, seq: int) -> Moment:
    """A version at its own valid time. Raises NotFound."""
    return await _moment(ask, policies, world, seq, None)


async def _moment(ask: Statements, policies: Policies, world: str, seq: int | None, valid: int | None) -> Moment:
    for _ in range(_LOOKS):
        columns = await ask("world/context", world=world, seq=seq)
        if not columns:
            raise world_not_found(world)
        row, objected, rostered, commit, configuration = columns
        head = head_of(row)
        if configuration is not None or (seq is not None and seq > head.seq):
            break
        await asyncio.sleep(_BETWEEN_S)
    if commit is None or configuration is None:
        raise NotFound(
            f"World {world!r} has no version v{head.seq if seq is None else seq}.",
            hint=f"Its newest is {head.version}.",
        )
    policy = policies.of(world, commit["configuration"], configuration)
    at = At(commit["valid"] if valid is None else valid, commit["seq"])
    return Moment(
        ask,
        head,
        at,
        Shape(policy, frozenset(objected)),
        horizon=commit["valid"],
        digest=commit["hash"],
        rostered=frozenset(rostered),
    )


def world_not_found(world: str) -> NotFound:
    """There is no such world."""
    return NotFound(f"There is no world {world!r}.", hint="List the worlds with: graphtwin world list")
