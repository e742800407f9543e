"""What a derivation writes so that its facts become exactly what its rule returns now (S22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphtwin.model.commit import EventRecord, RuleRow
from graphtwin.model.fact import BEGIN, ENTITY, TYPE, Fact, Key, decision

SOURCE = "rule"


def finding_name(rule: str) -> str:
    """The name of the derived value that carries a rule's finding."""
    return f"finding:{rule}"


def derived_record(rule: str, subject: str) -> str:
    """The record that carries what a rule says about a subject."""
    return f"{SOURCE}:{rule}/{subject}"


def derivation_event(record: str, run: str, op: str = "assert") -> str:
    """The id of the event by which a run derives things on a record; its canonical form names the premises."""
    return f"{record}:{run}" if op == "assert" else f"{record}:{run}:{op}"


def derivation_events(
    rule: str, rows: Sequence[RuleRow], facts: Sequence[Fact], *, premises: Mapping[tuple[str, str], Fact], run: str
) -> list[EventRecord]:
    """For each subject that `facts` newly say something about: an event that names the facts it rests on, and theirs."""
    fresh = {fact.event: fact.valid_from for fact in facts if fact.op == "assert" and fact.name not in (TYPE, ENTITY)}
    rests: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        rests.setdefault(row.subject, set()).update(row.premises)
    events = []
    for subject in sorted(rests):
        record = derived_record(rule, subject)
        event = derivation_event(record, run)
        if event in fresh:
            found = [(one, premises[one]) for one in sorted(rests[subject]) if one in premises]
            canonical = {
                "rule": rule,
                "premises": [
                    {"entity": entity, "name": name, "record": fact.record, "fact": fact.id, "event": fact.event}
                    for (entity, name), fact in found
                ],
            }
            events.append(
                EventRecord(event, SOURCE, fresh[event], "derivation", f"tool:rule:{rule}", record, canonical)
            )
    return events


def derivation_facts(
    rule: str,
    rows: Sequence[RuleRow],
    *,
    held: Sequence[Fact],
    premises: Mapping[tuple[str, str], Fact],
    types: Mapping[str, str],
    founding: Mapping[str, str],
    functional: frozenset[str],
    valid: int,
    run: str,
) -> list[Fact]:
    """The facts to add. `held` are the tops of the rule's keys, asserts and ends; `premises` the winning fact of each premise; `types` the
    subjects' types; `founding` the founding record of each object entity; `valid` is V(k).

    A value is valid from its newest premise. One that already held from an earlier instant stays as it is; one that held
    only from a later instant is withdrawn there; what no row says any more ends at V(k). One that had ended and holds
    again without a newer premise (something is missing again) begins at V(k): its gap in the past was real.
    """
    wanted: dict[Key, tuple[Any, int]] = {}
    for row in rows:
        if row.subject in types:
            wanted |= _wanted(rule, row, types, founding, functional, _valid_from(row, premises, valid))
    standing = {fact.key: fact for fact in held}
    facts: list[Fact] = []
    first: dict[str, int] = {}
    for key, (value, since) in sorted(wanted.items(), key=lambda item: item[0]):
        if key.name in (TYPE, ENTITY):
            continue
        now = standing.get(key)
        start = valid if now is not None and now.op == "end" and now.valid_from > since else since
        if now is not None and now.op == "assert":
            if now.value == value and now.valid_from <= since:
                first[key.record] = min(first.get(key.record, now.valid_from), now.valid_from)
                continue
            if now.valid_from > since:
                facts.append(_fact(key, None, now.valid_from, run, "withdraw"))
        first[key.record] = min(first.get(key.record, start), start)
        facts.append(_fact(key, value, start, run, "assert"))
    for key, (value, _) in sorted(wanted.items(), key=lambda item: item[0]):
        if key.name in (TYPE, ENTITY):
            begins = _exists_from(standing.get(key), value, first.get(key.record, valid))
            facts += [] if begins is None else [_fact(key, value, begins, run, "assert")]
    gone = sorted(key for key in standing.keys() - wanted.keys() if standing[key].op == "assert")
    ended = [_fact(key, None, max(valid, standing[key].valid_from), run, "end") for key in gone]
    return facts + ended


def _valid_from(row: RuleRow, premises: Mapping[tuple[str, str], Fact], valid: int) -> int:
    """The newest premise, V(k) where none is known; not before the row says that it came true."""
    newest = max((premises[one].valid_from for one in row.premises if one in premises), default=valid)
    return newest if row.since is None else max(newest, row.since)


def _exists_from(now: Fact | None, value: Any, first: int) -> int | None:
    """From when the record of a derivation is to exist (or to be its subject's), None when it does already: always, but
    after an end from the first value that it carries again, so that no value stands before its record.
    """
    if now is None:
        return BEGIN
    if now.op == "end":
        return max(now.valid_from, first)
    if now.value != value:
        return now.valid_from
    return first if now.valid_from > first else None


def stands(
    rule: str,
    row: RuleRow,
    standing: Mapping[Key, Fact],
    founding: Mapping[str, str],
    functional: frozenset[str],
) -> bool:
    """True when everything that the row says is held already; `standing` are the asserted tops of derived keys."""
    types = {row.subject: standing[key].value} if (key := _type_key(rule, row.subject)) in standing else {}
    if not types:
        return False
    wanted = _wanted(rule, row, types, founding, functional, BEGIN)
    return all(one in standing and standing[one].value == value for one, (value, _) in wanted.items())


def _type_key(rule: str, subject: str) -> Key:
    return Key("reported", derived_record(rule, subject), TYPE)


def _wanted(  # noqa: PLR0917 - one row in the light of the world
    rule: str,
    row: RuleRow,
    types: Mapping[str, str],
    founding: Mapping[str, str],
    functional: frozenset[str],
    since: int,
) -> dict[Key, tuple[Any, int]]:
    record = derived_record(rule, row.subject)
    wanted: dict[Key, tuple[Any, int]] = {
        _type_key(rule, row.subject): (types[row.subject], BEGIN),
        Key("reported", record, ENTITY): (row.subject, BEGIN),
    }
    for name, value in row.values.items():
        if value is not None:
            wanted[Key("reported", record, name)] = (value, since)
    for relation, target in row.edges:
        if target in founding:
            if relation in functional:
                wanted[Key("reported", record, relation)] = (founding[target], since)
            else:
                wanted[Key("reported", record, relation, founding[target])] = (True, since)
    if row.finding is not None:
        wanted[Key("reported", record, finding_name(rule))] = (dict(row.finding), since)
    return wanted


def _fact(key: Key, value: Any, since: int, run: str, op: str) -> Fact:
    return decision(
        record=key.record, name=key.name, object=key.object, layer=key.layer, op=op,  # type: ignore[arg-type]
        value=value, valid_from=since, event=derivation_event(key.record, run, op), run=run, kind="inference", source=SOURCE,
    )  # fmt: skip
