"""The embedded Neo4j server, or the external one of the settings: `ensure_running` answers where it is."""

from graphtwin.store.server.address import ServerAddress, ServerStatus
from graphtwin.store.server.lifecycle import connection, ensure_running, require_ours, status, stop
from graphtwin.store.server.progress import Progress, Silent

__all__ = [
    "Progress",
    "ServerAddress",
    "ServerStatus",
    "Silent",
    "connection",
    "ensure_running",
    "require_ours",
    "status",
    "stop",
]
