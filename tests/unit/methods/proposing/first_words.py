"""What sources said at first, proposed for, written as a twin.yaml, loaded, and read by it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphtwin.methods.proposing.proposal import Proposal, Sample
from graphtwin.methods.proposing.propose import propose
from graphtwin.methods.proposing.topics import topic_of
from graphtwin.methods.proposing.write_twin import write_twin
from graphtwin.model.configuration.load import parse_twin
from graphtwin.model.configuration.twin import TwinConfig, Variable
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.model.instants import parse_instant
from graphtwin.ports import Message, Reading
from graphtwin.steps.transform import TransformOut, transform

NOW = parse_instant("2026-01-15T16:00:00Z")


@dataclass(frozen=True)
class Proposed:
    """A proposal, the configuration that its file is, and what the sample becomes by it."""

    proposal: Proposal
    text: str
    config: TwinConfig
    out: TransformOut

    def variable(self, name: str) -> Variable:
        """The declaration of `type.name`."""
        kind, _, variable = name.partition(".")
        return self.config.types[kind].variables[variable]

    @property
    def values(self) -> dict[str, dict[str, Any]]:
        """What each record is said to be, its relations and type too."""
        found: dict[str, dict[str, Any]] = {}
        for fact in self.out.facts:
            value = fact.object or fact.value
            found.setdefault(fact.record, {})[fact.name] = value
        return {record: said for record, said in found.items() if not record.endswith(":@roster")}


def table(text: str, delimiter: str = ",") -> tuple[Mapping[str, str], ...]:
    """The rows of a table, as its source gives them."""
    return tuple(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def proposed(**sources: Sequence[Any]) -> Proposed:
    """For the payloads of each source: rows of a table where all their values are text."""
    samples, readings, configured = [], [], {}
    for name, payloads in sources.items():
        text = bool(payloads) and all(
            isinstance(one, dict) and all(isinstance(cell, str) for cell in one.values()) for one in payloads
        )
        topics = any(isinstance(one, dict) and topic_of(one) for one in payloads)
        samples.append(
            Sample(name, tuple(payloads), name, text, named=not topics, whole=not topics and len(payloads) > 1)
        )
        messages = [
            Message(json.dumps(one).encode(), one, f"{name}:{n}", f"{name}:{n}", n, table=text)
            for n, one in enumerate(payloads)
        ]
        readings.append(Reading(name, answered=True, read_at=NOW, messages=tuple(messages), complete=True))
        configured[name] = (
            Source(type="mqtt", endpoint="mqtt://127.0.0.1/x")
            if topics
            else Source(type="file", path=f"{name}.csv" if text else f"{name}.json")
        )
    proposal = propose(samples, now=NOW)
    text = write_twin("world", proposal, configured)
    config = parse_twin(text)
    return Proposed(proposal, text, config, transform(readings, config, run="r", now=NOW))


def by_topic(topic: str, payload: Any) -> dict[str, Any]:
    """A message as an MQTT source gives it."""
    known = {"topic": topic, "levels": topic.split("/"), "retained": False}
    return {**(payload if isinstance(payload, dict) else {"value": payload}), "mqtt": known}
