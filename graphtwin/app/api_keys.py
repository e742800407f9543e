"""API keys of principals: given and ended, each a decision that is signed and audited (S35)."""

from __future__ import annotations

from dataclasses import dataclass

from graphtwin.app.acting import audit_of, signed
from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.app.people import decider
from graphtwin.errors import Conflict, NotFound, Refused
from graphtwin.methods.audit.api_keys import key_added_entry, key_ended_entry
from graphtwin.model.api_key import ApiKey, key_digest
from graphtwin.model.principal import Principal, active_principal
from graphtwin.ports import Store
from graphtwin.store.api_key import new_api_key
from graphtwin.workflows.decide import Decision, Make, Turn, decide


@dataclass(frozen=True, slots=True)
class KeyGiven:
    """A key as it was given, by whom; `secret` is the key itself, and told only now."""

    key: ApiKey
    by: str
    secret: str


async def give_key(store: Store, world: str, name: str, *, by: str | None, secret: str | None = None) -> KeyGiven:
    """A new API key for a principal, or one that they have already, of another world. An admin gives them to anybody,
    everybody to themselves. Raises NotFound for nobody, Conflict for a key that is given already, Refused.
    """
    told = secret or new_api_key()
    digest = key_digest(told)

    async def make(turn: Turn) -> Decision:
        holder, who = await _sides(store, world, name, by)
        if any(one.digest == digest and one.ended_at is None for one in await store.api_keys(world)):
            raise Conflict(f"Somebody has that key in {world} already.", hint=f"see: graphtwin user keys {world}")
        key = ApiKey(world, holder.id, digest, turn.at)
        return Decision((signed(who, key_added_entry(key, by=who.id, run=turn.run)),), told=KeyGiven(key, who.id, told))

    given: KeyGiven = (await _decided(store, world, make)).told
    return given


async def end_keys(
    store: Store, world: str, name: str, *, by: str | None, named: str | None = None
) -> tuple[ApiKey, ...]:
    """End a principal's keys, or the one that is `named`; the answer is what ended. Raises NotFound where there is none."""

    async def make(turn: Turn) -> Decision:
        _, who = await _sides(store, world, name, by)
        ending = tuple(
            one
            for one in await store.api_keys(world)
            if one.principal == name and one.ended_at is None and named in {None, one.name}
        )
        if not ending:
            raise NotFound(
                f"{name} has no such API key in {world}, or no more.", hint=f"see: graphtwin user keys {world}"
            )
        entries = [signed(who, key_ended_entry(one, by=who.id, at=turn.at, run=turn.run)) for one in ending]
        return Decision(tuple(entries), told=ending)

    ended: tuple[ApiKey, ...] = (await _decided(store, world, make)).told
    return ended


async def _sides(store: Store, world: str, name: str, by: str | None) -> tuple[Principal, Principal]:
    """Whose keys they are, and who decides."""
    principals = await store.principals(world)
    holder = active_principal(principals, name)
    if holder is None:
        raise NotFound(f"{name!r} isn't a principal of the world {world}.", hint=f"see: graphtwin user list {world}")
    if holder.is_service:
        raise Refused(f"{name} is graphtwin itself, and asks nobody.", hint="give the key to a person's principal")
    return holder, holder if by == name else await decider(store, world, principals, by)


async def _decided(store: Store, world: str, make: Make) -> Decision:
    clock = SystemClock()
    config, sink = await store.configuration(world), await audit_of(store, world)
    return (await decide(store, sink, config, make, clock=clock, run=RandomIds(clock).new("key"))).decision
