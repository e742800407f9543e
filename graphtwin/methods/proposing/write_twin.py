"""A proposal as a twin.yaml for people: every guess with its reason beside it, nothing that acts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphtwin.methods.proposing.completed import relations_of, types_of
from graphtwin.methods.proposing.proposal import (
    Guess,
    Proposal,
    ProposedSource,
    ProposedThings,
    ProposedVariable,
)
from graphtwin.model.configuration.twin_sources import Source

_HEAD: Final = """\
# A twin that was proposed from what its sources said when they were first read. Each guess has its reason beside it:
# read it once, and change what is wrong. Every field is in reference/configuration.md.
# `graphtwin source test twin.yaml` shows what becomes of each message before anything is stored.

world:
  id: {world}
  timezone: UTC  # of times that bear no zone
"""
_TAIL: Final = """
# Without `constraints`, graphtwin observes and never acts. Limits, spans and expected values are yours to say: they
# can't be read off a sample. To set thresholds:
# constraints:
#   max_drift_threshold: 0.15
#   require_approval_above_risk: 0.7

schedule:
  interval: 5m
"""
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
_WIDTH: Final = 150
"""Characters of a line with its reason; what is longer is told above the line."""
_LONGEST: Final = 300


def write_twin(world: str, proposal: Proposal, sources: Mapping[str, Source]) -> str:
    """The text of a twin.yaml that reads these sources as proposed. It loads as it is, and observes only."""
    types = types_of(proposal)
    lines = [
        _HEAD.replace("{world}", quoted(world)).rstrip("\n"),
        "",
        "# Who speaks, and how their words are read (JMESPath).",
        "sources:",
    ]
    for one in proposal.sources:
        lines += _source(one, sources[one.name])
    lines += ["", "# What there is. A variable changes; an attribute seldom does.", "types:"]
    why = {
        (kind, one.name): one
        for things in _all(proposal)
        for kind in things.types
        for one in reversed(things.variables)
    }
    for name, kind in types.items():
        lines += [f"  {quoted(name)}:", f"    is_a: {kind.is_a}"]
        if kind.variables:
            lines.append("    variables:")
        for variable, declared in kind.variables.items():
            said = declared.model_dump(mode="json", exclude_defaults=True)
            lines += _noted(
                f"      {quoted(variable)}: {_flow(said or {'datatype': 'number'})}",
                _why(why[name, variable]),
                "      ",
            )
    lines += list(_relations(proposal))
    return "\n".join(lines) + "\n" + _TAIL


def quoted(text: str) -> str:
    """A text as YAML has it: plain where nothing could read it otherwise, else as a JSON string."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(char if char.isprintable() and char not in '"\\' else _escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    return f"\\{char}" if char in '"\\' else f"\\U{ord(char):08x}"


def _all(proposal: Proposal) -> list[ProposedThings]:
    return [things for source in reversed(proposal.sources) for things in reversed(source.things)]


def _source(one: ProposedSource, source: Source) -> Iterator[str]:
    yield f"  {quoted(one.name)}:"
    for name, value in source.model_dump(mode="json", exclude_defaults=True).items():
        if name != "mapping":
            yield f"    {name}: {_flow(value)}"
    for name in ("roster", "timestamp", "numbers", "plans", "id_space"):
        guess = getattr(one, name)
        if guess and guess.value:
            yield from _noted(f"    {name}: {_flow(guess.value)}", _told(guess), "    ")
    if one.timestamp.value == "":
        yield f"    # {_clean(one.timestamp.why)}"
    yield "    mapping:"
    for things in one.things:
        yield from _mapping(things)


def _mapping(things: ProposedThings) -> Iterator[str]:
    yield from _noted(f"      - type: {_flow(things.type.value)}", _told(things.type), "      ")
    for name, text in (("when", things.when), ("each", things.each)):
        if text:
            yield f"        {name}: {quoted(text)}"
    for name in ("id", "label", "valid_from"):
        guess: Guess | None = getattr(things, name)
        if guess is not None:
            yield from _noted(f"        {name}: {quoted(guess.value)}", _told(guess), "        ")
    if things.variables:
        yield "        variables:"
    for variable in things.variables:
        yield f"          {quoted(variable.name)}: {_path(variable)}" + (
            "" if variable.declared else f"  # {_clean(variable.why)}"
        )
    if things.relations:
        yield "        relations:"
    for relation in things.relations:
        yield f"          {quoted(relation.name)}: {quoted(relation.path)}"
    for one in things.left_out:
        yield f"        # not read: {_clean(one.field)} ({_clean(one.why)})"


def _path(variable: ProposedVariable) -> str:
    more = {"unit": variable.unit} if variable.unit else {}
    more |= {"layer": variable.layer} if variable.layer != "reported" else {}
    return _flow({"path": variable.path, **more}) if more else quoted(variable.path)


def _relations(proposal: Proposal) -> Iterator[str]:
    relations = relations_of(proposal)
    if not relations:
        return
    why = {one.name: one for things in _all(proposal) for one in reversed(things.relations)}
    yield ""
    yield "# How things hang together; risk travels from what is depended on to what depends on it."
    yield "relations:"
    for name, relation in relations.items():
        said = relation.model_dump(mode="json", exclude_defaults=True)
        doubt = "" if why[name].sure == "sure" else f" ({why[name].sure})"
        yield from _noted(f"  {quoted(name)}: {_flow(said)}", why[name].why + doubt, "  ")


def _noted(line: str, note: str, indent: str) -> list[str]:
    """The line with its reason behind it, or above it where that is too long."""
    note = _clean(note)
    if not note:
        return [line]
    return [f"{line}  # {note}"] if len(line) + len(note) + 4 <= _WIDTH else [f"{indent}# {note}", line]


def _told(guess: Guess) -> str:
    return guess.why if guess.sure == "sure" else f"{guess.why} ({guess.sure})"


def _why(variable: ProposedVariable) -> str:
    return variable.why if variable.sure == "sure" else f"{variable.why} ({variable.sure})"


def _clean(text: str) -> str:
    """What data say in a reason, on one line and visible."""
    told = "".join(char if char.isprintable() else " " for char in text)
    return told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(name)}: {_flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)
