"""Whether a Neo4j server answers a query, with these credentials, now."""

from __future__ import annotations

from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, Neo4jError

from graphtwin.errors import Unavailable
from graphtwin.store.server.address import ServerAddress

# Of all statements the only one outside cypher/: it must run before anything is loaded, on any server.
QUESTION = "RETURN 1"


def server_version(address: ServerAddress, timeout_s: float = 5.0) -> str | None:
    """The version of the server when it answered a query, None while it doesn't.

    Raises Unavailable when the server is there and will never let us in.
    """
    try:
        with GraphDatabase.driver(
            address.uri,
            auth=address.auth,
            connection_timeout=timeout_s,
            connection_acquisition_timeout=timeout_s,
            max_transaction_retry_time=0,
            user_agent="graphtwin-probe",
        ) as driver:
            summary = driver.execute_query(QUESTION, database_=address.database).summary
    except (AuthError, ConfigurationError) as error:
        raise Unavailable(
            f"The database at {address.uri} refuses user {address.user}: {error}",
            hint="Check GRAPHTWIN_NEO4J__USER and GRAPHTWIN_NEO4J__PASSWORD_FILE, or the home's password file.",
        ) from error
    except (DriverError, Neo4jError, OSError, ValueError):
        return None
    return (summary.server.agent or "").partition("/")[2]
