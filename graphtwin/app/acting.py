"""Who decides, and their signature under it: the principal named, else the one that is called as the user (S35)."""

from __future__ import annotations

import getpass
from pathlib import Path

from graphtwin.app.inspection import log_of
from graphtwin.errors import NotFound, Refused
from graphtwin.methods.audit.decisions import signed_document, with_signature
from graphtwin.model.commit import AuditEntry
from graphtwin.model.principal import DECISION_DOMAIN, Principal, Role, active_principal
from graphtwin.ports import Store
from graphtwin.store.audit_log import AuditLog
from graphtwin.store.keys import keys_folder, load_or_create_key
from graphtwin.store.person_keys import sign_as


async def acting(store: Store, world: str, named: str | None, *, least: Role) -> Principal:
    """The principal who decides. Raises NotFound for one that the world doesn't have, Refused for one whose role is less
    than `least`.
    """
    name = named or _user()
    principals = await store.principals(world)
    found = active_principal(principals, name)
    if found is None:
        known = ", ".join(sorted({one.id for one in principals if one.revoked_at is None and not one.is_service}))
        raise NotFound(
            f"{name!r} isn't a principal of the world {world}{', or no more' if any(one.id == name for one in principals) else ''}.",
            hint=f"name one with --as ({known}), or add one: graphtwin user add {world} {name or 'NAME'} --role {least}"
            if known
            else f"add the first one: graphtwin user add {world} {name or 'NAME'} --role {least}",
        )
    if found.is_service or not found.may(least):
        raise Refused(
            f"{name} is {found.role.value} in the world {world}; this needs {least.value} or above.",
            hint="ask somebody whose role allows it: graphtwin user list " + world,
        )
    return found


def signed(principal: Principal, entry: AuditEntry) -> AuditEntry:
    """The entry with the principal's signature. Raises Refused where the private key isn't this user's."""
    return with_signature(entry, sign_as(keys_folder(), principal, DECISION_DOMAIN, signed_document(entry)))


async def audit_of(store: Store, world: str) -> AuditLog:
    """The world's audit log where the last run wrote it, signed with the service's key."""
    path: Path = await log_of(store, world)
    return AuditLog(path, world, load_or_create_key(keys_folder()))


def _user() -> str:
    """What the operating system calls the user, "" where it has no name for them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
