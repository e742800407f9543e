"""Who asks: the holder of the key that was shown, with their role in each world (S35)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from graphtwin.errors import Forbidden
from graphtwin.model.api_key import key_digest
from graphtwin.model.principal import Principal, Role
from graphtwin.ports import Store
from graphtwin.store.api_key import LEAST_LENGTH


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds the key of this machine is let in everywhere as an admin, and decides as whom the operating system calls
    them, as on the command line; the key of a principal lets in where it was given, with the role that they have there.
    """

    key: str = ""
    """What the key is called; "" for the key of this machine."""
    principals: Mapping[str, Principal] = field(default_factory=dict)

    @property
    def local(self) -> bool:
        """Whether it is the key of this machine."""
        return not self.key

    def role(self, world: str) -> Role | None:
        """What the caller may do in a world; None: nothing, not even ask."""
        if self.local:
            return Role.ADMIN
        found = self.principals.get(world)
        return found.role if found else None

    def named(self, world: str) -> str | None:
        """The principal who decides; None where the operating system says who."""
        found = self.principals.get(world)
        return found.id if found else None

    def must_be(self, least: Role, world: str) -> None:
        """Raises Forbidden for less than `least`, in the same words whether there is such a world or not."""
        role = self.role(world)
        if role is None:
            raise Forbidden(
                f"This key doesn't let you into a world {world}.",
                hint=f"an admin of it gives you one: graphtwin user key {world} NAME",
            )
        if not self.may(least, world):
            raise Forbidden(
                f"{self.named(world)} is {role.value} in the world {world}; this needs {least.value} or above.",
                hint=f"ask somebody whose role allows it: graphtwin user list {world}",
            )

    def may(self, least: Role, world: str) -> bool:
        """Whether the caller is `least` or above in a world."""
        found = self.principals.get(world)
        return self.local or (found is not None and found.may(least))


async def caller_of(store: Store, key: str, own: str) -> Caller | None:
    """Who shows the key, `own` being that of this machine; None for one that nobody has, or has no more."""
    if secrets.compare_digest(key.encode(), own.encode()):
        return Caller()
    if len(key) < LEAST_LENGTH:
        return None
    digest = key_digest(key)
    found = {one.world: one for one in await store.holders(digest)}
    return Caller(digest[:12], found) if found else None
