"""What every subscription is asked with: what a request is, and the readers of worlds."""

from __future__ import annotations

from dataclasses import dataclass

import strawberry

from graphtwin.api.asking import Asking
from graphtwin.api.streams.world_readers import WorldReaders


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening(Asking):
    """One subscription. It reads heads anew as it goes on, and never one that is pinned."""

    readers: WorldReaders


ListenInfo = strawberry.Info[Listening, None]
"""What a subscription is told beside its arguments."""
