"""What a live source of a twin.yaml can have wrong: its address, its topics, secrets that would be stored, foreign fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from graphtwin.errors import ConfigurationProblem
from graphtwin.model.configuration.endpoint import endpoint_parts
from graphtwin.model.configuration.secrets import SECRET
from graphtwin.model.configuration.tree_reading import Path, fields_of, problem_at, text_of
from graphtwin.model.configuration.yaml_tree import Tree

_KINDS: Final = ("file", "command", "mqtt", "api", "http")
_SCHEMES: Final = {"mqtt": ("mqtt", "mqtts"), "api": ("http", "https"), "http": ("http", "https")}
_LIKE: Final = {"mqtt": "mqtt://host:1883/topic/prefix", "api": "https://host/path", "http": "https://host/path"}
_LIVE: Final = ("username", "password", "tls")
_MQTT: Final = (
    "topics", "client_id", "protocol", "session_expiry", "quiet", "drain", "will_topic", "will_payload",
)  # fmt: skip
_HTTP: Final = ("token", "headers", "next", "page_parameter", "max_pages", "private")
_READ_BY: Final = {
    **dict.fromkeys(_LIVE, ("mqtt", "api", "http")),
    **dict.fromkeys(_MQTT, ("mqtt",)),
    **dict.fromkeys(_HTTP, ("api", "http")),
}
_SECRET_HEADER = re.compile(r"authorization|cookie|token|secret|password|api-?key|auth-?key", re.IGNORECASE)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_FROM_ENVIRONMENT: Final = "write ${NAME} and set that environment variable: twin.yaml is stored with the world"


def clock_problems(tree: Tree) -> Iterator[ConfigurationProblem]:
    """What is wrong with the address of a world's clock."""
    world = tree.child("world")
    clock = world.child("clock") if world is not None else None
    url = text_of(clock, "url")
    if not url:
        return
    try:
        parts = endpoint_parts(url)
        wrong = "" if parts["scheme"].lower() in ("http", "https") else f"a clock isn't read by {parts['scheme']}"
        wrong = wrong or ("a clock needs no login" if parts["user"] or parts["password"] else "")
    except ValueError as error:
        wrong = str(error)
    if wrong:
        yield problem_at(tree, ("world", "clock", "url"), wrong, "write it like http://127.0.0.1:8080/clock")


def source_problems(tree: Tree) -> Iterator[ConfigurationProblem]:
    """Every such mistake, source by source."""
    for name, source in fields_of(tree, "sources").items():
        kind = text_of(source, "type")
        yield from _foreign(tree, name, source, kind)
        if kind in _SCHEMES:
            yield from _address(tree, name, source, kind)
            yield from _secrets(tree, name, source)
        if kind == "mqtt":
            yield from _topics(tree, name, source)


def _foreign(tree: Tree, name: str, source: Tree, kind: str) -> Iterator[ConfigurationProblem]:
    """Fields that only other kinds of source read: whoever wrote them expects something of them."""
    for field in source.fields or {}:
        readers = _READ_BY.get(field, (kind,))
        if kind in _KINDS and kind not in readers:
            what = f"a source of type {kind} doesn't read `{field}`"
            yield problem_at(tree, ("sources", name, field), what, f"it is for {', '.join(readers)}; leave it out")


def _address(tree: Tree, name: str, source: Tree, kind: str) -> Iterator[ConfigurationProblem]:
    path: Path = ("sources", name, "endpoint")
    text = text_of(source, "endpoint")
    if not text or text.startswith("${"):  # missing is told elsewhere; what the environment holds isn't known yet
        return
    try:
        parts = endpoint_parts(text)
    except ValueError as error:
        yield problem_at(tree, path, str(error), f"write it like {_LIKE[kind]}")
        return
    if parts["scheme"].lower() not in _SCHEMES[kind]:
        yield problem_at(
            tree, path, f"a source of type {kind} isn't read by {parts['scheme']}", f"write it like {_LIKE[kind]}"
        )
    if parts["password"] and not SECRET.search(parts["password"]):
        yield problem_at(tree, path, "the password stands in the address as it is", _FROM_ENVIRONMENT)
    if kind == "mqtt" and (
        parts["query"] or parts["fragment"] or "+" in parts["path"]
    ):  # a lone # at the end is harmless
        yield problem_at(tree, path, "the path is a prefix of topics, without wildcards", "list filters under `topics`")


def _secrets(tree: Tree, name: str, source: Tree) -> Iterator[ConfigurationProblem]:
    for field in ("password", "token"):
        text = text_of(source, field)
        if text and not SECRET.search(text):
            yield problem_at(
                tree, ("sources", name, field), f"the {field} stands in the file as it is", _FROM_ENVIRONMENT
            )
    if text_of(source, "password") and not text_of(source, "username"):
        yield problem_at(tree, ("sources", name, "password"), "there is no `username` beside it", "name both")
    if text_of(source, "token") and text_of(source, "username"):
        yield problem_at(tree, ("sources", name, "token"), "there is a `username`, too", "log in by one of them")
    for header, value in fields_of(source, "headers").items():
        path: Path = ("sources", name, "headers", header)
        if not _HEADER_NAME.fullmatch(header):
            yield problem_at(tree, path, f"{header!r} can't name a header", "use letters, digits and -")
        if isinstance(value.value, str) and _SECRET_HEADER.search(header) and not SECRET.search(value.value):
            yield problem_at(tree, path, f"the value of {header} stands in the file as it is", _FROM_ENVIRONMENT)


def _topics(tree: Tree, name: str, source: Tree) -> Iterator[ConfigurationProblem]:
    topics = source.child("topics")
    for index, item in enumerate((topics.items or ()) if topics else ()):
        if isinstance(item.value, str) and not is_topic_filter(item.value):
            what = f"{item.value!r} isn't a topic filter"
            hint = "a `+` stands for one level, a `#` for all the rest: floor-3/+/temperature, floor-3/#"
            yield problem_at(tree, ("sources", name, "topics", index), what, hint)
    will = text_of(source, "will_topic")
    if will and (not is_topic_filter(will) or "+" in will or "#" in will):
        yield problem_at(
            tree, ("sources", name, "will_topic"), f"{will!r} isn't a topic", "name one, without wildcards"
        )


def is_topic_filter(text: str) -> bool:
    """Whether a text is a filter of topics as MQTT has it."""
    levels = text.split("/")
    whole = all(level in ("+", "#") or not {"+", "#"} & set(level) for level in levels)
    return bool(text) and "\0" not in text and whole and "#" not in levels[:-1]
