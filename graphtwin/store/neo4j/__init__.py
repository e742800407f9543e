"""The store in Neo4j: facts on two time axes, and the present as a natural graph."""

from graphtwin.store.neo4j.store import Neo4jStore

__all__ = ["Neo4jStore"]
