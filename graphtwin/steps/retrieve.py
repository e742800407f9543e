"""retrieve: the model that twin.yaml declares, as facts, beside one reading of each source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphtwin.methods.matching.entity_ids import MODEL, declared_id
from graphtwin.model.configuration.twin import Declared, TwinConfig
from graphtwin.model.fact import BEGIN, ENTITY, TYPE, Fact, Kind, Layer, decision, record_id
from graphtwin.model.ids import qualify


@dataclass(frozen=True, slots=True)
class RetrieveOut:
    """What the model says: facts of the source `model`, decided when the configuration is applied (S9, S10)."""

    facts: tuple[Fact, ...]
    entities: int
    anchors: tuple[str, ...]


def retrieve(config: TwinConfig, *, now: int, run: str) -> RetrieveOut:
    """Each declared entity as a record of the model, with its baseline (assumptions), its expected and desired values
    and its expected relations. `now` (µs) is when values begin to count; existence and identity were always so.
    """
    facts = [fact for declared in config.entities for fact in _facts(declared, config, now, run)]
    return RetrieveOut(tuple(facts), len(config.entities), (f"file:twin.yaml#{config.hash()}",))


def _facts(declared: Declared, config: TwinConfig, now: int, run: str) -> Iterable[Fact]:
    entity = declared_id(declared, config)
    record = record_id(MODEL, entity)

    def say(  # noqa: PLR0917 - a short way to write a fact
        name: str, value: Any, layer: Layer, kind: Kind, since: int = now, target: str = ""
    ) -> Fact:
        return decision(
            record=record, name=name, value=value, valid_from=since, event=f"model:{run}", run=run, layer=layer,
            object=target, kind=kind, source=MODEL, unit=_unit(declared.type, name, config),
        )  # fmt: skip

    yield say(TYPE, declared.type, "reported", "assumption", BEGIN)
    yield say(ENTITY, entity, "reported", "decision", BEGIN)
    if declared.label:
        yield say("labels", declared.label, "reported", "assumption")
    for name, value in declared.baseline.items():
        yield say(name, value, "reported", "assumption")
    for name, value in declared.expected.items():
        yield say(name, value, "expected", "assumption")
    for name, value in declared.desired.items():
        yield say(name, value, "desired", "constraint")
    for relation, objects in declared.relations.items():
        for other in (objects,) if isinstance(objects, str) else objects:
            target = record_id(MODEL, _entity_named(other, config))
            if config.relations[relation].functional:
                yield say(relation, target, "expected", "assumption")
            else:
                yield say(relation, True, "expected", "assumption", target=target)


def _entity_named(name: str, config: TwinConfig) -> str:
    """The full id of a declared entity that another one names, by its short id or its full one."""
    for declared in config.entities:
        full = declared_id(declared, config)
        if name in (declared.id, full):
            return full
    return qualify(name, entity_class="asset", namespace=config.world.namespace)


def _unit(type_name: str, name: str, config: TwinConfig) -> str:
    kind = config.types.get(type_name)
    variable = kind.variables.get(name) if kind else None
    return variable.unit if variable else ""
