"""Which entity id a record would found, and which ids the model declares (S14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from graphtwin.methods.state.policy import FOLLOWERS
from graphtwin.model.configuration.twin import Declared, TwinConfig
from graphtwin.model.ids import qualify

MODEL = "model"
"""The source name of what twin.yaml itself declares."""


def declared_id(declared: Declared, config: TwinConfig) -> str:
    """The full id of a declared entity; a plain one goes into the world's namespace."""
    return qualify(declared.id, entity_class=declared.type, namespace=config.world.namespace)


def founding_id(record: str, type_name: str, config: TwinConfig) -> str:
    """The id an entity gets from its founding record: its type, the source's namespace and id space, the local id."""
    source, _, local = record.partition(":")
    configured = config.sources.get(source)
    namespace = (configured.namespace if configured else "") or config.world.namespace
    if configured and configured.id_space:
        namespace = f"{namespace}/{configured.id_space}"
    return qualify(local, entity_class=type_name.lower(), namespace=namespace)


def contested_id(record: str, type_name: str, config: TwinConfig) -> str:
    """The id of an entity that may not be one with the holder of its natural id: the source's name goes into it."""
    source, _, local = record.partition(":")
    return qualify(local, entity_class=type_name.lower(), namespace=f"{config.world.namespace}/{source}")


class DeclaredIds:
    """The declared entities by every name a record may call them by."""

    def __init__(self, config: TwinConfig) -> None:
        self.types: dict[str, str] = {}
        self._by_record: dict[str, str] = {}
        plain: dict[str, str] = {}
        for declared in config.entities:
            full = declared_id(declared, config)
            self.types[full] = declared.type
            plain[declared.id] = full
            self._by_record |= dict.fromkeys(declared.aliases, full)
        for name, records in config.identity.aliases.items():
            self._by_record |= dict.fromkeys(records, plain.get(name, name))

    def of(self, record: str, natural: str) -> str | None:
        """The declared entity of a record: by alias, by the model's own record, or because its natural id is declared."""
        if record in self._by_record:
            return self._by_record[record]
        source, _, local = record.partition(":")
        if source == MODEL and local in self.types:
            return local
        return natural if natural in self.types else None


def same_id_records(record: str, spaces: Mapping[str, tuple[str, ...]], config: TwinConfig) -> tuple[str, ...]:
    """The records of other sources that would be the same thing by their id alone: one local id in one id space."""
    source, _, local = record.partition(":")
    configured = config.sources.get(source)
    space = configured.id_space if configured else ""
    return tuple(f"{other}:{local}" for other in spaces.get(space, ()) if other != source)


@lru_cache(maxsize=8)
def _spaces(pairs: tuple[tuple[str, str], ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for source, space in pairs:
        found[space] = (*found.get(space, ()), source)
    return found


def id_spaces(config: TwinConfig) -> Mapping[str, tuple[str, ...]]:
    """The sources of each id space; "" is shared by all that name none."""
    return _spaces(tuple((name, source.id_space) for name, source in sorted(config.sources.items())))


def founding_record(records: Iterable[str]) -> str | None:
    """The smallest record that a source or the model speaks by; those of rules, overrides and plans found nothing."""
    return min((record for record in records if not record.startswith(FOLLOWERS)), default=None)
