"""Reads an audit log with the eyes of a stranger: shares no code with what wrote it, trusts only the public keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from graphtwin.errors import UsageError
from graphtwin.model.audit_head import HEAD_DOMAIN, ROTATION_DOMAIN, ROTATION_KIND, LogCheck, LogHead
from graphtwin.model.commit import AuditVerdict

_RECORD: Final = {"world": str, "n": int, "at": int, "kind": str, "run": str, "body": dict, "prev": str, "hash": str}
_HEAD: Final = {"world": str, "n": int, "hash": str, "version_id": str, "at": int, "key_id": str}
_KEY_BYTES: Final = 32
_EXACT: Final = 2**53


def verify_log(
    path: Path,
    public_keys: Mapping[str, bytes],
    *,
    head: LogHead | None = None,
    database: LogHead | None = None,
) -> LogCheck:
    """Check every byte of a log: form, chain, signatures, and that it holds what `head` says it must hold.

    `public_keys` are Ed25519 keys by key id. `head` is one kept elsewhere: the log must reach it. `database` is the
    head of the world's chain in the database: the log must end there. Without either a cut tail isn't seen.
    """
    if not path.exists() or path.stat().st_size == 0:
        return _empty(path, head or database)
    reader = _Reader({key: value for key, value in public_keys.items() if _names(key, value)}, head, database)
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            problem = reader.read(line)
            if problem:
                return reader.check("broken", problem, line=number, n=reader.last_n + 1)
    return reader.verdict()


def read_head(path: Path) -> LogHead:
    """A head that was kept elsewhere: a head line of a log, or the object in it. Raises UsageError."""
    try:
        value = json.loads(path.read_text(encoding="utf-8").strip().splitlines()[-1])
        fields = value.get("head", value)
        return LogHead(
            **{name: kind(fields[name]) for name, kind in _HEAD.items() if name in fields or name != "key_id"}
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UsageError(
            f"{path} isn't a head of an audit log: {error}.",
            hint='A head is a line such as {"head": {"world": …, "n": …, "hash": …}, "signature": …}.',
        ) from None


class _Reader:
    """Takes the lines in order; knows what must come next."""

    def __init__(self, keys: Mapping[str, bytes], head: LogHead | None, database: LogHead | None) -> None:
        self._keys = dict(keys)
        self._due = [expected for expected in (head, database) if expected]
        self._database = database
        self._world = ""
        self.last_n = 0
        self._last_hash = ""
        self._heads = 0
        self._signed_n = 0
        self._used: dict[str, None] = {}
        self._unknown_key = ""
        self._unknown_key_line = 0
        self._first_unsigned_line = 0
        self._line = 0

    def read(self, line: bytes) -> str:
        """What is wrong with the line, "" when nothing is."""
        self._line += 1
        if not line.endswith(b"\n"):
            return "the last line isn't complete"
        try:
            value = json.loads(line, object_pairs_hook=_no_twice, parse_int=_number, parse_constant=_no_constant)
            canonical = rfc8785.dumps(value) + b"\n"
        except (ValueError, RecursionError) as error:
            return f"this isn't a line that graphtwin writes ({error})"
        if canonical != line:
            return "the line was rewritten: it isn't in canonical form"
        if isinstance(value, dict) and set(value) == {"head", "signature"}:
            return self._read_head(value["head"], value["signature"])
        return self._read_record(value)

    def _read_record(self, record: Any) -> str:
        if not _fits(record, _RECORD):
            return "this is neither a record nor a head"
        problem = self._misplaced(record) or self._false(record)
        if problem:
            return problem
        self._world = record["world"]
        self.last_n, self._last_hash = record["n"], record["hash"]
        if self.last_n == self._signed_n + 1:
            self._first_unsigned_line = self._line
        return self._take_up_new_key(record["body"]) if record["kind"] == ROTATION_KIND else ""

    def _misplaced(self, record: dict[str, Any]) -> str:
        if record["world"] != (self._world or record["world"]):
            return f"the record is of world {record['world']!r}, the log of {self._world!r}"
        if record["n"] != self.last_n + 1:
            return f"record {record['n']} stands where record {self.last_n + 1} belongs"
        if record["prev"] != self._last_hash:
            return f"record {record['n']} doesn't follow on the record before it"
        return ""

    def _false(self, record: dict[str, Any]) -> str:
        told = [record[name] for name in ("world", "n", "at", "kind", "run", "body", "prev")]
        if hashlib.sha256(rfc8785.dumps(told)).hexdigest() != record["hash"]:
            return f"record {record['n']} isn't what its hash was made of"
        for expected in self._due:
            if expected.n == record["n"] and (expected.hash, expected.world) != (record["hash"], record["world"]):
                return f"record {record['n']} isn't the one that the head kept elsewhere names: the log was rewritten"
        return ""

    def _read_head(self, head: Any, signature: Any) -> str:
        if not _fits(head, _HEAD) or not isinstance(signature, str):
            return "this is neither a record nor a head"
        if head["world"] != self._world or head["n"] != self.last_n or head["hash"] != self._last_hash:
            return f"the head names record {head['n']}, and that isn't the record before it"
        public = self._keys.get(head["key_id"])
        if public is None:
            self._unknown_key = self._unknown_key or head["key_id"]
            self._unknown_key_line = self._unknown_key_line or self._line
            return ""
        if not _signed_by(public, signature, HEAD_DOMAIN + rfc8785.dumps(head)):
            return f"the signature of the head at record {head['n']} doesn't hold"
        self._heads += 1
        self._signed_n = self.last_n
        self._used[head["key_id"]] = None
        return ""

    def _take_up_new_key(self, body: dict[str, Any]) -> str:
        """Trust a new key that a trusted one and it itself have signed for."""
        said = {name: body.get(name) for name in ("world", "from", "to", "public_key")}
        signatures = body.get("signatures")
        public = _base64(said["public_key"])
        old = self._keys.get(str(said["from"]))
        if old is None:
            return ""
        if said["world"] != self._world or public is None or not _names(str(said["to"]), public):
            return f"record {self.last_n} hands the chain to a key that it doesn't name rightly"
        message = ROTATION_DOMAIN + rfc8785.dumps(said)
        both = signatures if isinstance(signatures, dict) else {}
        if not (_signed_by(old, both.get("from"), message) and _signed_by(public, both.get("to"), message)):
            return f"record {self.last_n} hands the chain to another key, but not both keys signed it"
        self._keys[str(said["to"])] = public
        return ""

    def verdict(self) -> LogCheck:
        """The verdict on a log whose lines all fit together."""
        for expected in self._due:
            if expected.world != self._world:
                return self.check(
                    "broken", f"the log is of world {self._world!r}, the head of {expected.world!r}", line=1
                )
            if expected.n > self.last_n:
                problem = f"the log ends at record {self.last_n}, but record {expected.n} was written"
                return self.check("cut", problem, line=self._line + 1, n=self.last_n + 1)
        if self._database and self._database.n < self.last_n:
            problem = f"the log goes to record {self.last_n}, but the database ends at {self._database.n}"
            return self.check("cut", problem, line=self._line, n=self._database.n + 1)
        if self._signed_n < self.last_n:
            what = f"no signed head covers record {self._signed_n + 1} and what follows"
            why = f" (key {self._unknown_key!r} isn't known)" if self._unknown_key else ""
            return self.check("unsigned", what + why, line=self._first_unsigned_line, n=self._signed_n + 1)
        if self._unknown_key:
            problem = f"a head is signed with key {self._unknown_key!r}, which isn't known"
            return self.check("unsigned", problem, line=self._unknown_key_line)
        return self.check("intact")

    def check(
        self, verdict: AuditVerdict, problem: str = "", *, line: int | None = None, n: int | None = None
    ) -> LogCheck:
        return LogCheck(
            verdict, problem, _HINTS[verdict], line, n, self.last_n, self._heads, self.last_n, self._last_hash,
            self._signed_n, tuple(self._used),
        )  # fmt: skip


_HINTS: Final[Mapping[AuditVerdict, str]] = {
    "intact": "",
    "broken": "Keep the file as it is, compare it with a copy kept elsewhere, and ask who could write to it.",
    "cut": "Look for a copy of the log; the database still holds its own chain: graphtwin audit show.",
    "unsigned": "The next sync signs what it finds missing; if it stays, give the public key with --key.",
    "empty": "",
}


def _empty(path: Path, expected: LogHead | None) -> LogCheck:
    if expected is None or expected.n == 0:
        return LogCheck("empty", f"{path} holds no record")
    problem = f"{path} holds no record, but record {expected.n} was written"
    return LogCheck("cut", problem, _HINTS["cut"], line=1, n=1)


def _fits(value: Any, shape: Mapping[str, type]) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == set(shape)
        and all(type(value[name]) is kind for name, kind in shape.items())
    )


def _signed_by(public: bytes, signature: Any, message: bytes) -> bool:
    raw = _base64(signature)
    if raw is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(raw, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _names(key_id: str, public: bytes) -> bool:
    """A key id that isn't the key's own is not taken: a name can't smuggle another key in."""
    return len(public) == _KEY_BYTES and hashlib.sha256(public).hexdigest()[:16] == key_id


def _base64(text: Any) -> bytes | None:
    if not isinstance(text, str):
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw).decode() == text else None


def _number(text: str) -> int | float:
    """Beyond 2^53 a canonical number without a fraction is a double."""
    number = int(text)
    return number if abs(number) < _EXACT else float(text)


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} isn't JSON")
