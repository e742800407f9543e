"""The audit log outside the database: JSON Lines that only ever grow, with a signed head after each commit (S20, S35)."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from graphtwin.errors import AuditUnwritable, IntegrityError
from graphtwin.methods.audit.audit_chain import verify_chain
from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.model.audit_head import HEAD_DOMAIN, LogHead
from graphtwin.model.commit import AuditRecord, Head
from graphtwin.ports import Signer, Store

RESERVE: Final = 1 << 18
"""Bytes that must fit on the disk before a sync starts: many times what one sync records."""

_BLOCK: Final = 1 << 16
_PAGE: Final = 1000


def log_file(template: str, world: str, base: Path) -> Path:
    """The log of a world: `audit.log_path` with {world} filled in, under `base` unless it is absolute."""
    return base / Path(template.replace("{world}", world)).expanduser()


class AuditLog:
    """A ports.AuditSink: the log of one world. Nothing here deletes: a line torn by a crash is kept beside the log before it is redone."""

    def __init__(self, path: Path, world: str, signer: Signer) -> None:
        self.path = path
        self.world = world
        self._signer = signer

    def check_writable(self, reserve: int = RESERVE) -> None:
        """Prove that `reserve` bytes can be written and kept, before anything changes. Raises AuditUnwritable."""
        probe = self.path.with_name(f".{self.path.name}.probe-{os.getpid()}")
        with self._refusing("can't be written"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._open():
                pass
            try:
                with probe.open("wb") as file:
                    file.write(b"\0" * reserve)
                    file.flush()
                    os.fsync(file.fileno())
            finally:
                probe.unlink(missing_ok=True)

    def last_n(self) -> int:
        """The number of the newest whole record in the log, 0 when it has none."""
        with self._refusing("can't be read"):
            return self._tail()[0]

    def check_follows(self, head: Head) -> None:
        """Prove that what the log holds is of the database's chain. Raises IntegrityError for a log of another chain, as
        when a database was made anew or restored beside an old log; a log that lacks the newest records is fine.
        """
        with self._refusing("can't be read"):
            if not self.path.exists():
                return
            newest = next(self._records_from_the_end(), None)
            if newest is None or newest[0] < head.audit_n:
                return
            held = next((hash_ for n, hash_ in self._records_from_the_end() if n <= head.audit_n), "")
        if held != head.audit_hash:
            raise IntegrityError(
                f"The audit log {self.path} goes to record {newest[0]} of another chain than that of the database,"
                f" which ends at {head.audit_n}.",
                hint=f"Was the database made anew or restored? Keep the log under another name: mv {self.path} {self.path}.old",
            )

    async def check_belongs(self, store: Store) -> None:
        """As `check_follows`, and that the log's newest record is the one that the database has under its number."""
        head = await store.head(self.world)
        self.check_follows(head)
        with self._refusing("can't be read"):
            newest = next(self._records_from_the_end(), None) if self.path.exists() else None
        if newest is None or newest[0] >= head.audit_n:
            return
        held = await store.audit(self.world, after=newest[0] - 1, limit=1)
        if not held or held[0].hash != newest[1]:
            raise IntegrityError(
                f"The audit log {self.path} holds another chain than the database: they differ at record {newest[0]}.",
                hint=f"Was the database made anew or restored? Keep the log under another name: mv {self.path} {self.path}.old",
            )

    def append(self, records: Sequence[AuditRecord], head: Head) -> LogHead:
        """Add the records that the log lacks up to `head.audit_n`, then the head, signed; on disk when it returns.

        Appending twice adds nothing. Raises AuditUnwritable, and IntegrityError when the records don't follow on what
        the log holds: then one of the two was tampered with.
        """
        with self._refusing("can't be written"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as log:
                fcntl.flock(log, fcntl.LOCK_EX)
                self._set_torn_line_aside(log)
                last_n, last_hash, signed_n = self._tail()
                missing = [record for record in records if last_n < record.n <= head.audit_n]
                self.check_follows(head)
                self._must_follow(missing, last_n, last_hash)
                if last_n + len(missing) < head.audit_n:
                    raise IntegrityError(
                        f"The audit log {self.path} ends at record {last_n + len(missing)}, the database at"
                        f" {head.audit_n}, and the records between were not given.",
                        hint=f"Run: graphtwin audit verify {self.world}",
                    )
                signed = self._signed(head)
                lines = [_record_line(record) for record in missing]
                if signed_n < head.audit_n or missing:
                    lines.append(self._head_line(signed))
                log.write(b"".join(lines))
                log.flush()
                os.fsync(log.fileno())
        return signed

    async def export(self, store: Store) -> str:
        """Bring the log up to the database's head, signed; answers where it is. Safe to call again after any failure."""
        head = await store.head(self.world)
        after = self.last_n()
        records: list[AuditRecord] = []
        while after < head.audit_n:
            page = await store.audit(self.world, after=after, limit=_PAGE)
            if not page:
                break
            records.extend(page)
            after = page[-1].n
        if head.audit_n:
            self.append(records, head)
        return str(self.path)

    def _signed(self, head: Head) -> LogHead:
        return LogHead(
            world=self.world,
            n=head.audit_n,
            hash=head.audit_hash,
            version_id=head.version_id,
            at=head.committed_at,
            key_id=self._signer.key_id,
        )

    def _head_line(self, head: LogHead) -> bytes:
        fields = head.fields()
        signature = self._signer.sign(HEAD_DOMAIN + canonical_json(fields))
        return canonical_json({"head": fields, "signature": base64.b64encode(signature).decode()}) + b"\n"

    def _must_follow(self, missing: Sequence[AuditRecord], last_n: int, last_hash: str) -> None:
        broken = verify_chain(missing, last_n=last_n, last_hash=last_hash)
        if broken is not None:
            raise IntegrityError(
                f"Audit record {broken} of world {self.world} doesn't follow on the log {self.path}.",
                hint=f"Nothing was appended. Run: graphtwin audit verify {self.world}",
            )

    def _open(self) -> IO[bytes]:
        """The log for appending; its folder entry is on disk when it was made just now."""
        fresh = not self.path.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
        if fresh:
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return os.fdopen(handle, "ab")

    def _set_torn_line_aside(self, log: IO[bytes]) -> None:
        """Move what follows the last line end into `<log>.torn`; its record comes again from the database."""
        size = self.path.stat().st_size
        keep = _whole_lines_end(self.path, size)
        if keep == size:
            return
        with self.path.open("rb") as file, self.path.with_name(f"{self.path.name}.torn").open("ab") as aside:
            file.seek(keep)
            aside.write(file.read() + b"\n")
            aside.flush()
            os.fsync(aside.fileno())
        log.truncate(keep)

    def _tail(self) -> tuple[int, str, int]:
        """(number, hash) of the newest whole record, and the number of the newest head behind it; read from the end."""
        if not self.path.exists():
            return 0, "", 0
        signed = 0
        for value in self._values_from_the_end():
            if "hash" in value:
                return int(value["n"]), str(value["hash"]), signed
            signed = max(signed, int(value["head"]["n"]))
        return 0, "", 0

    def _records_from_the_end(self) -> Iterator[tuple[int, str]]:
        return ((int(value["n"]), str(value["hash"])) for value in self._values_from_the_end() if "hash" in value)

    def _values_from_the_end(self) -> Iterator[dict[str, Any]]:
        """The lines' objects, newest first. Raises IntegrityError at a line that is neither record nor head."""
        for line in _lines_from_the_end(self.path):
            try:
                value: Any = json.loads(line)
                if not isinstance(value.get("n", value.get("head", {}).get("n")), int):
                    raise TypeError(line)  # noqa: TRY301 - one handler for every way to be no record
            except (ValueError, TypeError, AttributeError) as error:
                raise IntegrityError(
                    f"The audit log {self.path} has a line near its end that isn't a record: {line[:80]!r}.",
                    hint=f"Nothing was appended. Run: graphtwin audit verify {self.world}",
                ) from error
            yield value

    @contextlib.contextmanager
    def _refusing(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise AuditUnwritable(
                f"The audit log {self.path} {what}: {error.strerror or error}. Nothing was changed by this.",
                hint="Free some space or make the folder writable (audit.log_path in twin.yaml), then sync again.",
            ) from error


def _record_line(record: AuditRecord) -> bytes:
    fields = {
        "world": record.world, "n": record.n, "at": record.at, "kind": record.kind, "run": record.run,
        "body": record.body, "prev": record.prev, "hash": record.hash,
    }  # fmt: skip
    return canonical_json(fields) + b"\n"


def _whole_lines_end(path: Path, size: int) -> int:
    """The offset behind the last line end, 0 when there is none."""
    with path.open("rb") as file:
        end = size
        while end > 0:
            start = max(0, end - _BLOCK)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0


def _lines_from_the_end(path: Path) -> Iterator[bytes]:
    """The whole lines of a file, newest first; what follows the last line end isn't one."""
    size = path.stat().st_size
    end = _whole_lines_end(path, size)
    with path.open("rb") as file:
        rest = b""
        while end > 0:
            start = max(0, end - _BLOCK)
            file.seek(start)
            lines = (file.read(end - start) + rest).split(b"\n")
            rest, end = lines[0], start
            yield from (line for line in reversed(lines[1:]) if line)
        if rest:
            yield rest
