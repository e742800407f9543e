"""What came by a topic, as mappings see it: the payload with its topic, so that a topic is data, too."""

from __future__ import annotations

from typing import Any, Final

TOPIC_KEY: Final = "mqtt"
"""Under this a payload bears what is known of its delivery; a field of that name of its own is hidden by it."""
VALUE_KEY: Final = "value"
"""Under this stands a payload that is no object."""


def with_topic(payload: Any, topic: str, *, retained: bool) -> dict[str, Any]:
    """The payload's fields, with `mqtt.topic`, its levels as `mqtt.levels`, and whether the broker had retained it."""
    known = {"topic": topic, "levels": topic.split("/"), "retained": retained}
    return {**(payload if isinstance(payload, dict) else {VALUE_KEY: payload}), TOPIC_KEY: known}
