"""What a delivery of MQTT says: its payload as messages that bear their topic, or the status of the source itself."""

from __future__ import annotations

from typing import Any, Final

from graphtwin.methods.reading.refusal import Refusal
from graphtwin.methods.reading.topic_payload import with_topic
from graphtwin.ports import Malformed, Message
from graphtwin.sources.messages import Haul, Records, json_parts, malformed, text_of
from graphtwin.wire.mqtt_session import Delivery

READING_STEP: Final = 2**24
"""Distance between the positions of two readings: later ones win, and within one what was delivered later."""
_STATUS_FIELDS: Final = ("status", "state")


def take_delivery(delivery: Delivery, number: int, records: Records | None, haul: Haul) -> None:
    """Takes a delivery's messages into the haul of the reading of that number. An empty payload says nothing: that is how
    a retained message is taken back.
    """
    if not delivery.size:
        return
    place = place_of(delivery, number, len(haul))
    if delivery.sha256:
        what = f"{delivery.size} bytes, more than max_payload"
        hint = "send smaller messages, or raise max_payload of the source"
        haul.malformed.append(Malformed(delivery.payload, delivery.size, delivery.sha256, place, what, hint))
        return
    try:
        text = text_of(delivery.payload)
        parts = json_parts(text, records)
    except Refusal as refusal:
        haul.malformed.append(malformed(delivery.payload, place, refusal))
        return
    single = records is None and not text.lstrip().startswith("[")
    for part in parts:
        raw = delivery.payload if single else part.raw.encode()
        haul.messages.append(_message(raw, part.payload, delivery, (number, len(haul))))


def heard_status(delivery: Delivery, number: int, gone: str, haul: Haul) -> bool | None:
    """Whether the source says that it is gone, as `gone` has it; None where it takes its retained status back."""
    if not delivery.size:
        return None
    text = delivery.payload.decode(errors="backslashreplace").strip()
    try:
        said = json_parts(text, None)[0].payload
    except (Refusal, IndexError):
        said = text
    words = [said.get(field) for field in _STATUS_FIELDS] if isinstance(said, dict) else [said, text]
    message = _message(delivery.payload, said, delivery, (number, len(haul)), status=True)
    haul.messages.append(message)
    return gone in words


def place_of(delivery: Delivery, number: int, index: int) -> str:
    """The topic, the number of the reading, and the place in it."""
    topic = delivery.topic
    shown = topic if topic.isprintable() else topic.encode("unicode_escape").decode()
    return f"{shown}#{number}.{index}"


def _message(raw: bytes, payload: Any, delivery: Delivery, at: tuple[int, int], *, status: bool = False) -> Message:
    number, index = at
    payload = with_topic(payload, delivery.topic, retained=delivery.retained)
    return Message(
        raw, payload, place_of(delivery, number, index), f"r{number}.{index}", number * READING_STEP + index,
        channel=delivery.topic, status=status,
    )  # fmt: skip
