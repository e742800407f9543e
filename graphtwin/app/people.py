"""Principals of a world: added, listed and revoked, each a decision that is signed and audited (S35)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from graphtwin.app.acting import acting, audit_of, signed
from graphtwin.app.adapters import RandomIds, SystemClock
from graphtwin.errors import Conflict, NotFound, Refused, UsageError
from graphtwin.methods.audit.decisions import has_admin
from graphtwin.methods.audit.principals import added_entry, revoked_entry
from graphtwin.model.commit import AuditEntry
from graphtwin.model.principal import PRINCIPAL_ID, SERVICE, Principal, Role, active_principal
from graphtwin.ports import Store
from graphtwin.store.keys import keys_folder, load_or_create_key, read_public_key
from graphtwin.store.person_keys import make_person_key, private_path
from graphtwin.workflows.decide import Decision, Make, Turn, decide


@dataclass(frozen=True, slots=True)
class PersonOutcome:
    """A principal as decided now, by whom; `private_key` is where it lies on this machine, None where it doesn't."""

    principal: Principal
    by: str
    private_key: Path | None


async def add_user(
    store: Store, world: str, name: str, *, role: str, public_key: Path | None, by: str | None
) -> PersonOutcome:
    """Make somebody a principal under a new key pair, or under a public key that they gave.

    Only an admin may, as soon as there is one; before, whoever holds the service's key. Raises Conflict for a name that
    is taken, UsageError, Refused.
    """
    wanted, key = _role(role), read_public_key(public_key) if public_key else b""
    if not PRINCIPAL_ID.fullmatch(name) or name.casefold() == SERVICE:
        raise UsageError(
            f"{name!r} can't be the name of a principal.",
            hint="use up to 64 letters, digits, '.', '_', '@' and '-', beginning with a letter or digit",
        )

    async def make(turn: Turn) -> Decision:
        principals = await store.principals(world)
        _must_be_free(principals, name, world)
        founding = _founding(principals, world, turn)
        who = await decider(store, world, (*principals, *founding), by)
        new = Principal(world, name, wanted, key or make_person_key(keys_folder(), name), turn.at)
        entries = [signed(one, added_entry(one, by=one.id, run=turn.run)) for one in founding]
        return Decision((*entries, signed(who, added_entry(new, by=who.id, run=turn.run))), told=(new, who.id))

    return await _decided(store, world, make, "user")


async def revoke_user(store: Store, world: str, name: str, *, by: str | None) -> PersonOutcome:
    """End a principal; what they decided stays. Everybody may end themselves, an admin anybody, nobody the last admin."""

    async def make(turn: Turn) -> Decision:
        principals = await store.principals(world)
        gone = active_principal(principals, name)
        if gone is None or gone.is_service:
            raise _not_revocable(world, name, gone)
        who = gone if by == name else await decider(store, world, principals, by)
        others = [one for one in principals if one.id != name]
        if has_admin(principals) and not has_admin(others):
            raise Refused(
                f"{name} is the last admin of {world}: without one, whoever holds the service's key could add anybody.",
                hint=f"add another admin first: graphtwin user add {world} NAME --role admin",
            )
        entry: AuditEntry = revoked_entry(gone, by=who.id, at=turn.at, run=turn.run)
        return Decision((signed(who, entry),), told=(gone, who.id))

    return await _decided(store, world, make, "user")


async def _decided(store: Store, world: str, make: Make, prefix: str) -> PersonOutcome:
    clock = SystemClock()
    config = await store.configuration(world)
    run = RandomIds(clock).new(prefix)
    decided = await decide(store, await audit_of(store, world), config, make, clock=clock, run=run)
    asked, by = decided.decision.told
    current = [one for one in await store.principals(world) if one.id == asked.id]
    path = private_path(keys_folder(), asked)
    return PersonOutcome(current[-1], by, path if path.exists() else None)


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise UsageError(f"{text!r} isn't a role.", hint=f"use one of {', '.join(Role)}") from None


def _must_be_free(principals: Iterable[Principal], name: str, world: str) -> None:
    for one in principals:
        if one.id == name and one.revoked_at is None:
            raise Conflict(
                f"{name} is a principal of {world} already, as {one.role.value}.",
                hint=f"for another role or key, revoke first: graphtwin user revoke {world} {name}",
            )
        if one.id != name and one.id.casefold() == name.casefold():
            raise Conflict(
                f"{name} could be taken for {one.id}, who is a principal of {world}.", hint="choose another name"
            )


def _founding(principals: Iterable[Principal], world: str, turn: Turn) -> tuple[Principal, ...]:
    """The service itself, where the world doesn't know it yet."""
    if active_principal(principals, SERVICE):
        return ()
    key = load_or_create_key(keys_folder())
    return (Principal(world, SERVICE, Role.OPERATOR, key.public, turn.at),)


async def decider(store: Store, world: str, principals: Iterable[Principal], by: str | None) -> Principal:
    """Who decides on people: an admin; as long as there is none, the service. Raises NotFound, Refused."""
    service = active_principal(principals, SERVICE)
    if service is None or has_admin(principals):
        return await acting(store, world, by, least=Role.ADMIN)
    if by is not None and by != SERVICE:
        raise Refused(
            f"The world {world} has no admin, so graphtwin itself adds and revokes, not {by}.",
            hint="leave --as out, and make an admin: graphtwin user add " + world + " NAME --role admin",
        )
    return service


def _not_revocable(world: str, name: str, found: Principal | None) -> NotFound | Refused:
    if found is not None:
        return Refused(
            f"{name} is graphtwin itself; it can't be revoked.", hint="a new audit key takes the place of a lost one"
        )
    return NotFound(f"{name!r} isn't a principal of the world {world}.", hint=f"see: graphtwin user list {world}")
