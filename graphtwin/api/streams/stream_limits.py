"""How much may be listened to: connections, subscriptions, and how long each side waits for the other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What is refused is beyond these, never at them. Times are seconds."""

    connections: int = 100
    subscriptions: int = 20
    """Of one connection, at a time."""
    greeting: float = 10.0
    """Until a client has said connection_init."""
    sending: float = 30.0
    """Until a client has taken a message, before it is too slow."""
    ping: float = 20.0
    """Between two pings, and until one is answered."""
    again: float = 10.0
    """Between two looks at whether a key still lets in."""
    read: int = 100
    """Commits, audit records or runs that one read takes from the store."""
    look: float = 0.25
    """Between two looks at a world."""
