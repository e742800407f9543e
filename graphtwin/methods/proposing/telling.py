"""A proposal in sentences: what a report's assumptions say of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphtwin.methods.proposing.proposal import Guess, Proposal, ProposedSource, ProposedThings, ProposedVariable

BEGINNING = "Proposed by inspect"
"""How every sentence begins, so that a reader tells a guess from what people said."""


def told(proposal: Proposal) -> tuple[str, ...]:
    """A sentence for each thing that was guessed: types with their ids and variables, relations, times."""
    return tuple(f"{BEGINNING}: {sentence}" for source in proposal.sources for sentence in _source(source))


def guesses_of(proposal: Proposal) -> tuple[tuple[str, str, Any, str, str], ...]:
    """Every guess by itself: source, what it is about, what was guessed, why, how sure."""
    return tuple(guess for source in proposal.sources for guess in _guesses(source))


def _guesses(source: ProposedSource) -> Iterator[tuple[str, str, Any, str, str]]:
    for field in ("timestamp", "numbers", "roster", "plans", "id_space"):
        guess: Guess | None = getattr(source, field)
        if guess is not None and guess.value != "":
            yield source.name, field, guess.value, guess.why, guess.sure
    for things in source.things:
        kinds = ", ".join(things.types)
        yield source.name, "type", things.type.value, things.type.why, things.type.sure
        for field in ("id", "label", "valid_from"):
            guess = getattr(things, field)
            if guess is not None:
                yield source.name, f"{kinds}.{field}", guess.value, guess.why, guess.sure
        for variable in things.variables:
            kind = variable.declared.datatype if variable.declared else "anything"
            unit = f" in {variable.declared.unit}" if variable.declared and variable.declared.unit else ""
            yield source.name, f"{kinds}.{variable.name}", f"{kind}{unit}", variable.why, variable.sure
        for relation in things.relations:
            yield source.name, f"{kinds}.{relation.name}", "a relation", relation.why, relation.sure


def _source(source: ProposedSource) -> Iterator[str]:
    if source.unread:
        yield f"nothing of {source.name}, since {source.unread}"
        return
    if source.timestamp.value:
        yield f"{source.name}: {_time(source.timestamp)}"
    for field, guess in (("numbers", source.numbers), ("id_space", source.id_space), ("plans", source.plans)):
        if guess:
            yield f"{source.name}: {field} is {guess.value}, since {guess.why}{_doubt(guess.sure)}"
    for things in source.things:
        yield from _things(source.name, things)


def _things(source: str, things: ProposedThings) -> Iterator[str]:
    kinds = ", ".join(things.types)
    what = "type" if len(things.types) == 1 else "types"
    kind = f"{what} {kinds} from {source} ({things.type.why}{_doubt(things.type.sure)})"
    yield f"{kind}; id from {things.id.value} ({things.id.why}{_doubt(things.id.sure)})"
    if things.variables:
        yield f"of {kinds} from {source}: " + "; ".join(map(_variable, things.variables))
    for one in things.relations:
        end = "one" if one.functional else "many"
        needs = ", which it depends on" if one.dependency else ""
        yield f"relation {one.name} of {kinds} ({end}{needs}), since {one.why}{_doubt(one.sure)}"
    if things.left_out:
        yield f"not read of {kinds} from {source}: " + "; ".join(f"{one.field} ({one.why})" for one in things.left_out)


def _variable(one: ProposedVariable) -> str:
    if one.declared is None:
        return f"{one.name} ({one.why})"
    kind = "attribute" if one.declared.attribute else "variable"
    unit = f" in {one.declared.unit}" if one.declared.unit else ""
    judged = "" if one.declared.judged else ", not judged"
    return f"{one.name} is a {one.declared.datatype} {kind}{unit}{judged} ({one.why}{_doubt(one.sure)})"


def _time(guess: Guess) -> str:
    return guess.why if guess.value == "''" else f"time from {guess.value}, since {guess.why}{_doubt(guess.sure)}"


def _doubt(sure: str) -> str:
    return "; unsure" if sure == "unsure" else ""
