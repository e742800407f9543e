"""Begins a twin from what its sources say: reads a sample of each, proposes how to read it, and writes twin.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from graphtwin.app.adapters import SystemClock, read_all
from graphtwin.app.inspection import SourceTest
from graphtwin.errors import UsageError
from graphtwin.methods.proposing.naming import source_name
from graphtwin.methods.proposing.proposal import Proposal, ProposedSource
from graphtwin.methods.proposing.propose import propose
from graphtwin.methods.proposing.sampling import MOST, samples_of
from graphtwin.methods.proposing.telling import guesses_of
from graphtwin.methods.proposing.write_twin import write_twin
from graphtwin.methods.reading.expression import plain_path
from graphtwin.model.configuration.load import parse_twin
from graphtwin.model.configuration.secrets import SECRET
from graphtwin.model.configuration.twin import TwinConfig
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.ports import Reading
from graphtwin.steps.transform import transform

LARGEST: Final = 16 * 2**20
"""Bytes of one message that a sample takes, whatever the source will take later."""

_TYPES: Final = {"mqtt": "mqtt", "mqtts": "mqtt", "http": "http", "https": "http"}
_BY_TYPE: Final = {
    "mqtt": {"kind": "message_bus", "trust": "hardware_sensor"},
    "http": {"kind": "api", "trust": "primary_api"},
}
_ENDINGS: Final = frozenset({".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".log", ".json", ".yaml", ".yml"})
_SNIFFED: Final = 4096


@dataclass(frozen=True, slots=True)
class Begun:
    """What was proposed, the file that says it, and what becomes of the sample by it."""

    twin: Path
    proposal: Proposal
    tests: tuple[SourceTest, ...]

    @property
    def guesses(self) -> tuple[tuple[str, str, Any, str, str], ...]:
        """Every guess: source, what it is about, what was guessed, why, how sure."""
        return guesses_of(self.proposal)


async def begin(world: str, places: Sequence[str], folder: Path, *, private: bool = False) -> Begun:
    """Write `folder`/twin.yaml for the files and addresses; `private` says that names of servers may lead into a private
    network. Raises UsageError for a place that says nothing to learn from.
    """
    sources = _sources(places, folder, private=private)
    read = TwinConfig.model_validate(
        {"world": {"id": world}, "sources": {n: _sampled(one) for n, one in sources.items()}}
    )
    clock = SystemClock()
    readings = await read_all(read, folder, clock.now())
    proposal = propose(samples_of(readings, read), now=clock.now())
    for one, reading in zip(proposal.sources, readings, strict=True):
        _understood(one, reading)
    sources = {
        one.name: _sized(sources[one.name], reading) for one, reading in zip(proposal.sources, readings, strict=True)
    }
    sources, proposal = _split_at_the_source(sources, proposal)
    text = write_twin(world, proposal, sources)
    config = parse_twin(text, folder=folder)
    twin = folder / "twin.yaml"
    twin.write_text(text, encoding="utf-8")
    if any(source.records for source in config.sources.values()):
        readings = await read_all(config, folder, clock.now())
    return Begun(twin, proposal, tuple(_test(reading, config, clock.now()) for reading in readings))


def _sources(places: Sequence[str], folder: Path, *, private: bool) -> dict[str, Source]:
    """A source for each place, named after it."""
    found: dict[str, Source] = {}
    for place in places:
        scheme = urlsplit(place).scheme.lower() if "://" in place else "file"
        if scheme == "file":
            path = Path(place.removeprefix("file://"))
            found[source_name(path.stem, found)] = _file(path, folder)
        elif scheme in _TYPES:
            found[source_name(_called(place), found)] = _address(place, _TYPES[scheme], private=private)
        else:
            raise UsageError(
                f"{scheme}:// can't be read.", hint="Give a file, mqtt://…, mqtts://…, http://… or https://…"
            )
    return found


def _called(address: str) -> str:
    """The last part of an address, else its host."""
    split = urlsplit(address)
    parts = [part for part in split.path.split("/") if part not in ("", "#", "+")]
    return parts[-1] if parts else split.hostname or "source"


def _address(place: str, kind: str, *, private: bool) -> Source:
    password = urlsplit(place).password
    if password and not SECRET.fullmatch(password):
        raise UsageError(
            "A password in an address would be written into twin.yaml.",
            hint="Set an environment variable and write its name: mqtt://user:${MQTT_PASSWORD}@host/topic",
        )
    allowed = {"private": True} if private and kind == "http" else {}
    return Source.model_validate({"type": kind, "endpoint": place, **_BY_TYPE[kind], **allowed})


def _file(path: Path, folder: Path) -> Source:
    """The file as twin.yaml names it: beside it where it lies in its folder, else in full."""
    whole = path.resolve()
    if not whole.is_file():
        what = "is a folder" if whole.is_dir() else "doesn't exist"
        raise UsageError(f"{path} {what}.", hint="Give the path of a file with data: CSV, JSON Lines, JSON or YAML.")
    home = folder.resolve()
    named = whole.relative_to(home) if whole.is_relative_to(home) else whole
    form = {} if path.suffix.lower() in _ENDINGS else {"format": _format(whole)}
    return Source.model_validate({"type": "file", "path": named.as_posix(), **form})


def _format(path: Path) -> str:
    """What a file without a telling ending holds, by how it begins."""
    with path.open("rb") as file:
        start = file.read(_SNIFFED).removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[")):
        return "csv"
    return "jsonl" if re.match(rb"\{[^\n]*\}\s*\n\s*\{", start) else "json"


def _sampled(source: Source) -> Source:
    return source.model_copy(update={"max_messages": MOST, "max_payload": LARGEST})


def _understood(one: ProposedSource, reading: Reading) -> None:
    """Raises UsageError for a source of which nothing can be learnt."""
    if not reading.answered:
        hint = "if a private network is meant, say so with --private" if "private" in reading.hint else reading.hint
        raise UsageError(f"{one.name} didn't answer: {reading.problem}.", hint=hint[:1].upper() + hint[1:])
    if reading.malformed and not reading.messages:
        bad = reading.malformed[0]
        raise UsageError(f"Nothing of {one.name} can be read: {bad.reason} ({bad.place}).", hint=bad.hint)
    if not one.things:
        raise UsageError(
            f"There is nothing to learn from {one.name}: {one.unread or 'its messages hold no things'}.",
            hint="Give a source that says something; each message must be an object or a row.",
        )


def _sized(source: Source, reading: Reading) -> Source:
    """Messages that are larger than usual are taken where the sample has some."""
    largest = max((len(message.raw) for message in reading.messages), default=0)
    if largest <= source.max_payload:
        return source
    return source.model_copy(update={"max_payload": min(LARGEST, 2 * largest)})


def _split_at_the_source(sources: Mapping[str, Source], proposal: Proposal) -> tuple[dict[str, Source], Proposal]:
    """Where all things of a source stand in one list, each item is a message of its own: one that can't be taken costs
    no other.
    """
    changed = dict(sources)
    proposed: list[ProposedSource] = []
    for one in proposal.sources:
        places = {things.place for things in one.things}
        place = next(iter(places)) if len(places) == 1 else ""
        dated = one.timestamp.value != "" and not all(things.valid_from for things in one.things)
        if plain_path(place) is None or sources[one.name].type == "mqtt" or dated:
            proposed.append(one)
            continue
        changed[one.name] = sources[one.name].model_copy(
            update={"records": place, "max_payload": Source.model_fields["max_payload"].default}
        )
        own = next((things.valid_from for things in one.things if things.valid_from), None)
        things = tuple(replace(things, place="", valid_from=None) for things in one.things)
        proposed.append(replace(one, things=things, timestamp=own or one.timestamp))
    return changed, Proposal(tuple(proposed))


def _test(reading: Reading, config: TwinConfig, now: int) -> SourceTest:
    return SourceTest(reading.source, reading, transform([reading], config, run="init", now=now))
