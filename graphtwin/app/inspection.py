"""Looking without changing anything: sources before they are committed, instants, and the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graphtwin.app.adapters import SystemClock, read_all
from graphtwin.app.live_sources import make_world_clock
from graphtwin.errors import NotFound, UsageError
from graphtwin.methods.proposing.completed import completed
from graphtwin.methods.proposing.propose import propose
from graphtwin.methods.proposing.sampling import samples_of
from graphtwin.model.audit_head import LogHead
from graphtwin.model.commit import AuditVerdict
from graphtwin.model.configuration.load import load_twin
from graphtwin.model.instants import parse_instant
from graphtwin.model.state import At
from graphtwin.ports import Reading, Store
from graphtwin.steps.transform import TransformOut, transform
from graphtwin.store.audit_log import log_file
from graphtwin.store.audit_verify import read_head, verify_log
from graphtwin.store.keys import keys_folder, load_public_keys


@dataclass(frozen=True, slots=True)
class SourceTest:
    """What a source says now, and what it would become; nothing of it was written."""

    source: str
    reading: Reading
    transformed: TransformOut


async def test_source(twin: Path, source: str | None) -> tuple[SourceTest, ...]:
    """Read one source, or all, from the beginning, without taking anything from anybody; where no types are declared, as a
    first sync would read it. Raises NotFound for a name that twin.yaml doesn't have, Unavailable for a world's own clock
    that can't be read.
    """
    config = load_twin(twin)
    if source is not None and source not in config.sources:
        raise NotFound(f"{twin} has no source {source!r}", hint=f"it has: {', '.join(sorted(config.sources))}")
    clock = make_world_clock(config)
    now = await clock.now() if clock else SystemClock().now()
    world_now = 0 if config.world.clock == "events" else now
    wanted = [source] if source is not None and config.types else sorted(config.sources)
    readings = await read_all(config, twin.parent, now, only=wanted)
    if not config.types:
        proposal = propose(samples_of(readings, config), now=world_now or None)
        config = completed(config, proposal)
    return tuple(
        SourceTest(reading.source, reading, transform([reading], config, run="test", now=world_now))
        for reading in readings
        if source in (None, reading.source)
    )


test_source.__test__ = False  # type: ignore[attr-defined]  # pytest takes functions that begin with test_


async def read_at(store: Store, world: str, *, at: str | None, known_at: str | None, version: str | None) -> At:
    """The instant of both axes that a caller names: by default the head, at its own valid time (S1)."""
    head = await store.head(world)
    seq = head.seq
    valid = head.valid
    if version and known_at:
        raise UsageError("Give --version or --known-at, not both.", hint="a version is known at its own commit time")
    if version:
        seq = _seq(version)
        commits = await store.commits(world, after=seq - 1, limit=1)
        if not commits or commits[0].seq != seq:
            raise NotFound(f"The world {world} has no version {version}", hint=f"its newest is {head.version}")
        valid = commits[0].valid
    elif known_at:
        commit = await store.commit_at(world, known_at=_instant(known_at))
        if commit is None:
            raise NotFound(f"The world {world} didn't exist at {known_at}", hint="its first version came later")
        seq, valid = commit.seq, commit.valid
    return At(_instant(at) if at else valid, seq)


def _instant(text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise UsageError(str(error), hint="times are written like 2026-01-31T12:00:00Z") from error


def _seq(version: str) -> int:
    digits = version.removeprefix("v")
    if not digits.isdecimal():
        raise UsageError(f"{version!r} isn't a version.", hint="versions are written like v12")
    return int(digits)


@dataclass(frozen=True, slots=True)
class AuditVerification:
    """What the log is worth: the verdict, the line it breaks at, and how many records were checked."""

    verdict: AuditVerdict
    position: int | None
    records: int
    message: str
    path: Path


async def verify_audit(store: Store, world: str, *, log: Path | None, head: Path | None) -> AuditVerification:
    """Check a world's log against its chain, its signatures, and the newest head that the database or a file knows."""
    path = log or await log_of(store, world)
    at = await store.head(world)
    check = verify_log(
        path,
        load_public_keys(keys_folder()),
        head=read_head(head) if head else None,
        database=LogHead(world, at.audit_n, at.audit_hash, at.version_id, at.committed_at),
    )
    return AuditVerification(check.verdict, check.line, check.records, check.message, path)


async def log_of(store: Store, world: str) -> Path:
    """Where the last run wrote the log."""
    for run in await store.runs(world, limit=20):
        if "log_path" in run.details:
            return Path(str(run.details["log_path"]))
    config = await store.configuration(world)
    return log_file(config.audit.log_path, world, Path.cwd())
