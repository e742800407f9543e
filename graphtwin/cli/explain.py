"""`graphtwin why` and `graphtwin history`: what a value rests on, down to the raw bytes, and what it was before."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.text import Text

from graphtwin.cli.doors import Doors, ask
from graphtwin.cli.naming import split_world, variable_named, world_named
from graphtwin.cli.output import Form, Output, line, next_step, printed, say, table, when, worded
from graphtwin.errors import NotFound
from graphtwin.methods.audit.decisions import DECISION
from graphtwin.methods.rules.derivation import SOURCE
from graphtwin.model.machine import TRANSITION

if TYPE_CHECKING:
    from graphtwin.model.commit import EvidenceItem
    from graphtwin.model.configuration.twin_rules import Rule
    from graphtwin.model.fact import Fact, Layer
    from graphtwin.ports import Claimed, Store

_RAW_SHOWN: Final = 2_000
_PREMISES_SHOWN: Final = 12
_PREMISE_SHOWN: Final = 300
_ENVIRONMENT: Final = "GRAPHTWIN_WORLD"
_OWN: Final = (SOURCE, TRANSITION)
"""What rules say: derivations, and steps of state machines."""

Words = Annotated[
    list[str],
    typer.Argument(metavar="[WORLD] ENTITY.VARIABLE", help="A variable or relation of an entity; the id may be short."),
]


def why(context: typer.Context, words: Words, output: Output = Form.TABLE) -> None:
    """Explain a value: every claim about it, the scores, the winner, and the raw bytes that it came from."""
    given, (text,) = split_world(words, 1, "graphtwin why WORLD ENTITY.VARIABLE", os.environ.get(_ENVIRONMENT))

    async def question(_: Doors, store: Store) -> dict[str, Any]:
        world = await world_named(store, given)
        entity, name = await variable_named(store, world, text)
        claims = await store.claims(world, entity, name)
        if not claims:
            raise NotFound(
                f"Nothing is claimed about {name!r} of {entity}.", hint=await _known_names(store, world, entity)
            )
        decided = await _decided(store, world, [one.fact for one in claims])
        evidence = {one.fact.event: await _evidence(store, world, one.fact, decided) for one in claims if one.wins}
        premises = {one.fact.event: await _premises(store, world, one.fact) for one in claims if one.wins}
        said_by = {one.fact.event: await _said_by(store, world, one.fact) for one in claims}
        derived = any(said_by.values())
        rules = {rule.id: rule for rule in (await store.configuration(world)).rules} if derived else {}
        return {
            "world": world,
            "entity": entity,
            "variable": name,
            "claims": [
                {
                    **_claim(one, evidence.get(one.fact.event)),
                    "rule": _rule(said_by[one.fact.event], rules),
                    "premises": premises.get(one.fact.event, []),
                    "decision": decided.get(one.fact.event),
                }
                for one in claims
            ],
        }

    answer = asyncio.run(ask(context, question))
    if not printed(answer, output):
        _print_why(answer)


async def _known_names(store: Store, world: str, entity: str) -> str:
    found = await store.entity(world, entity)
    if found is None:
        return f"See what there is with: graphtwin snapshot {world}"
    relations = {edge.relation for edge in found[1] if edge.subject == entity}
    names = sorted({*found[0].reported, *found[0].desired, *found[0].expected, *relations})
    return f"It has: {', '.join(names) or 'no values'}."


async def _evidence(store: Store, world: str, fact: Fact, decided: Container[str]) -> EvidenceItem | None:
    """The raw bytes that a fact came from, or that a person rested it on; other decisions have none of their own."""
    kept = fact.evidence or not fact.is_decision or fact.event in decided
    return await store.evidence(world, fact.event) if kept else None


async def _premises(store: Store, world: str, fact: Fact) -> list[dict[str, Any]]:
    """What a derived fact rests on, each premise with the message that it came from."""
    if fact.source not in _OWN:
        return []
    known = await store.events(world, [fact.event])
    named: Sequence[Mapping[str, Any]] = known[0].canonical.get("premises", ()) if known else ()
    found = []
    for one in named[:_PREMISES_SHOWN]:
        item = await store.evidence(world, str(one["event"]))
        found.append({**one, "evidence": _message(item)})
    return found


async def _decided(store: Store, world: str, facts: Sequence[Fact]) -> dict[str, Mapping[str, Any]]:
    """What a person decided, by the event of the fact that says it: who, why, on what ground."""
    events = await store.events(world, sorted({fact.event for fact in facts if fact.is_decision}))
    return {event.id: event.canonical for event in events if event.event_type == DECISION}


def _message(item: EvidenceItem | None) -> dict[str, Any] | None:
    if item is None:
        return None
    return {
        "anchor": item.anchor,
        "received_at": when(item.received_at),
        "bytes": len(item.raw),
        "raw": item.raw.decode("utf-8", "backslashreplace"),
    }


async def _said_by(store: Store, world: str, fact: Fact) -> str:
    """The id of the rule that derived a fact, or that moved a state machine; "" where it was neither."""
    if fact.source == SOURCE:
        return fact.record.removeprefix(f"{SOURCE}:").partition("/")[0]
    if fact.source == TRANSITION:
        known = await store.events(world, [fact.event])
        return str(known[0].canonical["rule"]) if known else ""
    return ""


def _rule(name: str, rules: Mapping[str, Rule]) -> dict[str, str] | None:
    """A rule in short: the query says which values it rests on."""
    if not name:
        return None
    rule = rules.get(name)
    return {"id": name, "description": rule.description if rule else "", "cypher": rule.cypher if rule else ""}


def _claim(one: Claimed, evidence: EvidenceItem | None) -> dict[str, Any]:
    fact = one.fact
    return {
        "wins": one.wins,
        "reason": one.reason,
        "score": one.score,
        "layer": fact.layer,
        "value": fact.value,
        "unit": fact.unit,
        "object": fact.object,
        "source": fact.source,
        "record": fact.record,
        "kind": fact.kind,
        "confidence": fact.confidence,
        "valid_from": when(fact.valid_from),
        "observed_at": when(fact.observed_at),
        "version": f"v{fact.seq}",
        "fact": fact.id,
        "event": fact.event,
        "evidence": _message(evidence),
    }


def _print_why(answer: Mapping[str, Any]) -> None:
    say(Text(f"{answer['entity']}.{answer['variable']}", "bold"), f"  in {answer['world']}")
    claims: Sequence[Mapping[str, Any]] = answer["claims"]
    table(
        ("", "layer", "value", "source", "score", "confidence", "valid from", "known by", "why"),
        (
            (
                Text("✓", "green") if one["wins"] else "",
                one["layer"],
                worded(one["object"] or one["value"], one["unit"]),
                one["source"],
                f"{one['score']:.3f}",
                f"{one['confidence']:.2f}",
                one["valid_from"],
                one["version"],
                one["reason"],
            )
            for one in claims
        ),
        right=("score", "confidence"),
    )
    for one in claims:
        if one["wins"]:
            _print_evidence(one)
    next_step(f"graphtwin history {answer['world']} {answer['entity']}.{answer['variable']}")


def _print_evidence(claim: Mapping[str, Any]) -> None:
    evidence, rule = claim["evidence"], claim["rule"]
    if rule is not None:
        say(
            Text(f"{claim['layer']}: ", "dim"),
            f"{'decided' if claim['source'] == TRANSITION else 'derived'} by rule {rule['id']}: {rule['description']}",
        )
        say(line(rule["cypher"].strip(), "cyan"))
        for premise in claim["premises"]:
            _print_premise(premise)
        return
    if claim["decision"] is not None:
        _print_decision(claim)
        return
    if evidence is None:
        say(
            Text(f"{claim['layer']}: ", "dim"),
            f"{claim['kind']} of {claim['source']}, without a message ({claim['event']})",
        )
        return
    say(Text(f"{claim['layer']}: ", "dim"), f"from {evidence['anchor']}, received {evidence['received_at']}, ",
        f"{evidence['bytes']} bytes, event {claim['event']}")  # fmt: skip
    _print_raw(evidence["raw"])


def _print_decision(claim: Mapping[str, Any]) -> None:
    decision, evidence = claim["decision"], claim["evidence"]
    verb = {"correct": "corrected", "override": "overridden"}.get(decision["action"], "decided")
    reason = f": {decision['reason']}" if decision["reason"] else ""
    say(
        Text(f"{claim['layer']}: ", "dim"),
        f"{verb} by {decision['principal']} ({decision['role']}) at {decision['at']}{reason}",
    )
    ground = decision["evidence"]
    if ground is not None:
        size = f", {ground['bytes']} bytes, SHA-256 {ground['sha256']}" if "sha256" in ground else ""
        say(Text("rests on ", "dim"), f"{ground['ref']}{size}")
    if evidence is not None:
        _print_raw(evidence["raw"])


def _print_raw(raw: str) -> None:
    say(line(raw[:_RAW_SHOWN], "cyan"))
    if len(raw) > _RAW_SHOWN:
        say(Text("… the rest with -o json", "dim"))


def _print_premise(premise: Mapping[str, Any]) -> None:
    evidence = premise["evidence"]
    where = (
        f"from {evidence['anchor']}, event {premise['event']}"
        if evidence
        else f"derived or decided ({premise['event']})"
    )
    say(Text("rests on ", "dim"), f"{premise['entity']}.{premise['name']} {where}")
    if evidence:
        say(line(evidence["raw"][:_PREMISE_SHOWN], "cyan"))


def history(
    context: typer.Context,
    words: Words,
    layer: Annotated[str, typer.Option(help="reported, desired or expected.")] = "reported",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many facts, the newest first.")] = 50,
    output: Output = Form.TABLE,
) -> None:
    """Show everything that was ever said about a value, the newest first."""
    given, (text,) = split_world(words, 1, "graphtwin history WORLD ENTITY.VARIABLE", os.environ.get(_ENVIRONMENT))
    asked = _layer(layer)

    async def question(_: Doors, store: Store) -> tuple[str, str, str, tuple[Fact, ...]]:
        world = await world_named(store, given)
        entity, name = await variable_named(store, world, text)
        facts = await store.history(world, entity, name, layer=asked, limit=limit)
        if not facts:
            raise NotFound(
                f"Nothing was ever {asked} about {name!r} of {entity}.", hint=await _known_names(store, world, entity)
            )
        return world, entity, name, facts

    world, entity, name, facts = asyncio.run(ask(context, question))
    if not printed([_fact(fact) for fact in facts], output):
        say(Text(f"{entity}.{name}", "bold"), f"  in {world}, {asked}")
        _print_facts(facts)
        next_step(f"graphtwin why {world} {entity}.{name}")


def _layer(text: str) -> Layer:
    match text:
        case "reported" | "desired" | "expected":
            return text
        case _:
            raise typer.BadParameter(f"{text} is none of reported, desired, expected", param_hint="--layer")


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        **{name: value for name, value in fact._asdict().items() if name not in {"valid_from", "observed_at", "seq"}},
        "valid_from": when(fact.valid_from),
        "observed_at": when(fact.observed_at),
        "version": f"v{fact.seq}",
    }


def _print_facts(facts: Sequence[Fact]) -> None:
    table(
        ("valid from", "value", "source", "kind", "confidence", "known by", "record"),
        (
            (
                when(fact.valid_from),
                worded(fact.object or fact.value, fact.unit) if fact.op == "assert" else Text(fact.op, "dim"),
                fact.source,
                fact.kind,
                f"{fact.confidence:.2f}",
                f"v{fact.seq}",
                fact.record,
            )
            for fact in facts
        ),
        right=("confidence",),
    )
