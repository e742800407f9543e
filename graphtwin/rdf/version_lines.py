"""What a graph is, as lines of N-Quads of the default graph: which world, which version, as of when, with which hash (S21)."""

from __future__ import annotations

from typing import Final

from graphtwin.model.commit import Commit
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.state import At
from graphtwin.rdf.names import Names
from graphtwin.rdf.terms import literal, text
from graphtwin.rdf.vocabulary import DCTERMS, GT, PROV, RDFS, being, verb

_IS_WORLD, _IS_VERSION, _IS_SNAPSHOT, _IS_ORIGIN = (
    being(GT.World), being(GT.Version), being(GT.Snapshot), being(PROV.Entity),
)  # fmt: skip
_IDENTIFIER, _LABEL, _WORLD, _AS_OF = verb(DCTERMS.identifier), verb(RDFS.label), verb(GT.world), verb(GT.asOf)
_HASH, _COUNT, _VERSION_ID = verb(GT.stateHash), verb(GT.entityCount), verb(GT.versionId)
_GENERATED, _REVISION, _DERIVED = verb(PROV.wasGeneratedBy), verb(PROV.wasRevisionOf), verb(PROV.wasDerivedFrom)
_Z: Final = " .\n"


def graph_name(names: Names, at: At, commit: Commit) -> str:
    """The IRI of the graph that holds a state: the version itself at its own valid time, else a snapshot of it."""
    return names.version(at.seq) if at.valid == commit.valid else names.snapshot(at)


def version_lines(names: Names, config: TwinConfig, at: At, commit: Commit, *, hash: str, entities: int) -> str:  # noqa: A002 - the contract's word
    """The graph and its world; `hash` is that of the state as of `at`."""
    graph = graph_name(names, at, commit)
    own = at.valid == commit.valid
    said = (
        f"{graph}{_IS_VERSION if own else _IS_SNAPSHOT}{_Z}{graph}{_IS_ORIGIN}{_Z}"
        f'{graph}{_IDENTIFIER}"v{at.seq}"{_Z}{graph}{_WORLD}{names.world}{_Z}{graph}{_AS_OF}{names.instant(at.valid)}{_Z}'
        f"{graph}{_HASH}{text(hash)}{_Z}{graph}{_COUNT}{literal(entities)}{_Z}"
    )
    if own:
        said += f"{graph}{_VERSION_ID}{text(commit.version_id)}{_Z}{graph}{_GENERATED}{names.commit(at.seq)}{_Z}"
        said += f"{graph}{_REVISION}{names.version(at.seq - 1)}{_Z}" if at.seq else ""
    else:
        said += f"{graph}{_DERIVED}{names.version(at.seq)}{_Z}"
    world = names.world
    title = f"{world}{_LABEL}{text(config.world.title)}{_Z}" if config.world.title else ""
    return f"{said}{world}{_IS_WORLD}{_Z}{world}{_IDENTIFIER}{text(config.world.id)}{_Z}{title}"
