"""A store in memory that answers by definition: every state is computed from all facts."""

from graphtwin.store.memory.store import MemoryStore

__all__ = ["MemoryStore"]
