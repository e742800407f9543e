"""What a broker's devices said before and no mapping read: it can't be asked for again, but its raw bytes are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.strict_json import parse_json
from graphtwin.methods.reading.topic_payload import with_topic
from graphtwin.model.commit import EventRecord
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.ports import Message, Reading, Store

RUNS: Final = 20
"""Runs that are looked back at."""


async def with_remembered(store: Store, config: TwinConfig, reading: Reading) -> Reading:
    """The reading of a broker with the messages that the last runs told as undeclared; any other source's as it is."""
    if config.sources[reading.source].type != "mqtt":
        return reading
    world = config.world.id
    told = [
        (run.details.get("report") or {}).get("undeclared_events", ()) for run in await store.runs(world, limit=RUNS)
    ]
    events = await store.events(world, sorted({event for one in told for event in one}))
    messages = [await _message(store, world, event) for event in events if event.source == reading.source]
    return replace(reading, messages=(*(one for one in messages if one), *reading.messages))


async def _message(store: Store, world: str, event: EventRecord) -> Message | None:
    """The message that the event was made of; None where its bytes are gone, or it came by no topic."""
    kept, topic = await store.evidence(world, event.id), event.canonical.get("channel")
    if kept is None or not topic:
        return None
    try:
        payload = with_topic(parse_json(kept.raw), str(topic), retained=False)
    except Refusal:
        return None
    return Message(kept.raw, payload, event.anchor.partition(":")[2], event.id, channel=str(topic))
