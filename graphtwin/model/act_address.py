"""Where an act goes: the request's path behind the actuator's endpoint, and never anywhere else."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

SCHEMES: Final[dict[str, tuple[str, ...]]] = {"http": ("http", "https"), "mqtt": ("mqtt", "mqtts")}
PORTS: Final = {"http": 80, "https": 443, "mqtt": 1883, "mqtts": 8883}
LONGEST_TOPIC: Final = 65_535
"""Bytes that the format of MQTT has room for."""

_BARE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT: Final = "/%:@!$&'()*+,;=~"
_KEPT_IN_QUERY: Final = _KEPT + "?"
_DECODINGS: Final = 4
"""A dot that is still hidden after so many is nobody's mistake."""


class Unsendable(ValueError):
    """What can't be put on the way; the text says why, without secrets."""


def act_endpoint(kind: str, endpoint: str) -> SplitResult:
    """The parts of an endpoint of the kind `http` or `mqtt`. Raises Unsendable, which repeats no login and no query."""
    schemes = SCHEMES.get(kind, ())
    try:
        split = urlsplit(endpoint)
        usable = split.scheme in schemes and bool(split.hostname) and split.port != 0 and endpoint.isprintable()
    except ValueError:
        usable = False
    if not usable:
        shown = endpoint.rpartition("@")[2].partition("?")[0]
        raise Unsendable(f"{shown!r} isn't an address like {schemes[0] if schemes else kind}://host:port/path")
    if "@" in split.netloc:
        raise Unsendable("a login in an address would be stored and shown")
    if set(endpoint) & {"?", "#"}:
        raise Unsendable("it has a `?` or `#`; a query belongs to the path of a request")
    return split


def http_address(endpoint: SplitResult, path: str) -> str:
    """The address below the endpoint, percent-encoded: escapes in `path` are kept, what may not stand there becomes one.

    A `?` in the path begins a query. Raises Unsendable for what would lead elsewhere.
    """
    way, question, query = path.partition("?")
    _segments(endpoint.path)
    _segments(way)
    if "#" in path:
        raise Unsendable(f"the path {path!r} has a `#`; in a value it is written %23")
    if not unquote(query).isprintable():
        raise Unsendable(f"the path {path!r} holds signs that can't be seen")
    joined = f"{endpoint.path.rstrip('/')}/{way.removeprefix('/')}" if way else endpoint.path
    written = _encoded(joined, _KEPT) + (f"?{_encoded(query, _KEPT_IN_QUERY)}" if question else "")
    return f"{endpoint.scheme}://{endpoint.netloc}{written}"


def mqtt_topic(endpoint: SplitResult, path: str) -> str:
    """The topic below the endpoint's, percent-decoded. Raises Unsendable for wildcards, empty levels, the broker's own
    topics and signs that can't be seen.
    """
    levels = [*_segments(endpoint.path), *_segments(path)]
    topic = "/".join(levels)
    if not topic:
        raise Unsendable("it has no topic: neither the endpoint nor the request's path names one")
    if any("/" in level for level in levels) or set(topic) & {"+", "#"} or topic.startswith("$"):
        raise Unsendable(f"the topic {topic!r} isn't one to publish on: no `+`, `#`, `%2F`, nor `$` at its beginning")
    if len(topic.encode()) > LONGEST_TOPIC:
        raise Unsendable("the topic is longer than MQTT has room for")
    return topic


def _segments(path: str) -> list[str]:
    """What stands between the slashes, decoded. Raises Unsendable for a step upwards, a hole, and unseen signs."""
    trimmed = path.removeprefix("/").removesuffix("/")
    if not trimmed:
        if path in ("", "/"):
            return []
        raise Unsendable(f"the path {path!r} has an empty part")
    try:
        segments = [unquote(part, errors="strict") for part in trimmed.split("/")]
    except UnicodeDecodeError:
        raise Unsendable(f"the path {path!r} isn't UTF-8") from None
    if "" in segments:
        raise Unsendable(f"the path {path!r} has an empty part")
    if not path.isprintable() or not all(part.isprintable() for part in segments):
        raise Unsendable(f"the path {path!r} holds signs that can't be seen")
    for part in segments:
        if any(step in (".", "..") for step in re.split(r"[/\\]", _fully_decoded(part))):
            raise Unsendable(f"the path {path!r} would leave the endpoint")
    return segments


def _fully_decoded(text: str) -> str:
    """For those on the way who decode more than once."""
    for _ in range(_DECODINGS):
        text = unquote(text)
    return text


def _encoded(text: str, kept: str) -> str:
    return quote(_BARE_PERCENT.sub("%25", text), safe=kept)
