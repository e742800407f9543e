"""A configuration that declares no types, completed by what was proposed for its sources; nothing written is changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from graphtwin.methods.proposing.proposal import Proposal, ProposedSource, ProposedThings
from graphtwin.methods.proposing.telling import told
from graphtwin.model.configuration.twin import EntityType, Inspected, RelationType, TwinConfig, Variable
from graphtwin.model.configuration.twin_sources import Mapping as MappingConfig
from graphtwin.model.configuration.twin_sources import Source, VariablePath
from graphtwin.model.vocabulary import ENTITY_CLASSES

NOTHING: Final = "`false`"
"""The condition that no message meets: a source of which nothing was understood is kept, and none of it is taken wrongly."""
_OF_SOURCES: Final = ("mapping", "timestamp", "numbers", "id_space", "plans")
"""What inspect says about a source, where the file doesn't."""


def completed(config: TwinConfig, proposal: Proposal) -> TwinConfig:
    """The file's configuration with the types, relations and mappings of a proposal; itself where nothing was understood."""
    types = types_of(proposal)
    if not types:
        return config
    nothing = MappingConfig(type=next(iter(types)), when=NOTHING)
    sources = {
        one.name: source_of(config.sources[one.name], one)
        if one.things
        else config.sources[one.name].model_copy(update={"mapping": (nothing,)})
        for one in proposal.sources
    }
    return config.model_copy(
        update={
            "types": types,
            "relations": relations_of(proposal) | dict(config.relations),
            "sources": {**config.sources, **sources},
            "inspected": Inspected(written=config.hash(), assumptions=told(proposal), not_read=_not_read(proposal)),
        }
    )


def retold(config: TwinConfig, held: TwinConfig) -> TwinConfig:
    """The file's configuration with what inspect once proposed for its world: the held one itself, while the file is as
    it was. A file that declares types speaks for itself, and so does one of a world that wasn't inspected.
    """
    if held.inspected is None or config.types:
        return config
    if held.inspected.written == config.hash():
        return held
    proposed = {name: one for name, one in held.relations.items() if name not in config.relations}
    return config.model_copy(
        update={
            "types": held.types,
            "relations": proposed | dict(config.relations),
            "sources": {name: _retold_source(one, held.sources.get(name)) for name, one in config.sources.items()},
            "inspected": held.inspected.model_copy(update={"written": config.hash()}),
        }
    )


def types_of(proposal: Proposal) -> dict[str, EntityType]:
    """The proposed types with their variables."""
    classes: dict[str, str] = {}
    variables: dict[str, dict[str, Variable]] = {}
    for things in _things(proposal):
        for name, is_a in things.types.items():
            classes.setdefault(name, is_a)
            declared = variables.setdefault(name, {})
            for variable in things.variables:
                if variable.declared is not None:
                    declared[variable.name] = variable.declared
    return {
        name: EntityType(is_a=_class(name, is_a, classes), variables=variables[name]) for name, is_a in classes.items()
    }


def relations_of(proposal: Proposal) -> dict[str, RelationType]:
    """The proposed relations; one that names several objects somewhere is functional nowhere."""
    found: dict[str, RelationType] = {}
    for things in _things(proposal):
        for one in things.relations:
            before = found.get(one.name)
            functional = one.functional and (before is None or before.functional)
            dependency = one.dependency or (before is not None and before.dependency)
            found[one.name] = RelationType(functional=functional, dependency=dependency)
    return found


def source_of(source: Source, proposed: ProposedSource) -> Source:
    """The source with the proposed mappings, and with what else tells how its messages are read."""
    changes: dict[str, Any] = {"mapping": tuple(mapping_of(one) for one in proposed.things)}
    guesses = {
        "timestamp": proposed.timestamp,
        "numbers": proposed.numbers,
        "id_space": proposed.id_space,
        "plans": proposed.plans,
    }
    given = source.model_fields_set
    changes |= {name: guess.value for name, guess in guesses.items() if guess and guess.value and name not in given}
    return source.model_copy(update=changes)


def mapping_of(things: ProposedThings) -> MappingConfig:
    """The mapping of some things."""
    return MappingConfig(
        when=things.when,
        type=things.type.value,
        id=things.id.value,
        label=things.label.value if things.label else "",
        variables={
            one.name: VariablePath(path=one.path, unit=one.unit, layer=one.layer)
            if one.layer != "reported"
            else VariablePath(path=one.path, unit=one.unit)
            for one in things.variables
        },
        relations={one.name: one.path for one in things.relations},
        valid_from=things.valid_from.value if things.valid_from else "",
        each=things.each,
    )


def _not_read(proposal: Proposal) -> dict[str, tuple[str, ...]]:
    """What is left out on purpose; what only said nothing yet may say something later."""
    found = {
        source.name: [one.field for things in source.things for one in things.left_out if not one.empty]
        for source in proposal.sources
    }
    return {name: tuple(dict.fromkeys(fields)) for name, fields in found.items() if fields}


def _class(name: str, is_a: str, types: Collection[str]) -> str:
    """The class of the standard, where none of the types is called so: it would be inherited from."""
    return next(
        one for one in (is_a, "asset", "material", "process", *ENTITY_CLASSES) if one == name or one not in types
    )


def _things(proposal: Proposal) -> Iterable[ProposedThings]:
    return (things for source in proposal.sources for things in source.things)


def _retold_source(source: Source, held: Source | None) -> Source:
    if held is None or source.mapping:
        return source
    changes = {name: getattr(held, name) for name in _OF_SOURCES if name not in source.model_fields_set}
    return source.model_copy(update=changes)
