"""Forty attacks of each kind on an audit log: every one is found, and where."""

import base64
import json
import random

import pytest
import rfc8785

from graphtwin.errors import UsageError
from graphtwin.methods.audit.audit_chain import link_all
from graphtwin.model.audit_head import HEAD_DOMAIN, LogHead
from graphtwin.model.commit import AuditEntry, Head
from graphtwin.store.audit_log import AuditLog
from graphtwin.store.audit_verify import read_head, verify_log
from graphtwin.store.keys import load_or_create_key, load_public_keys, rotate_key

COMMITS, EACH = 12, 4
ATTACKS = 40


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A log of 12 commits of 4 records, its keys, and its last head."""
    folder = tmp_path_factory.mktemp("log")
    key = load_or_create_key(folder / "keys")
    log = AuditLog(folder / "w.jsonl", "w", key)
    entries = [
        AuditEntry("run", 1_700_000_000_000_000 + i, f"run-{i}", {"step": f"s{i % 19}", "took": i / 3, "ä": ["é", i]})
        for i in range(COMMITS * EACH)
    ]
    records = link_all("w", 0, "", entries)
    for n in range(EACH, len(records) + 1, EACH):
        last = records[n - 1]
        head = Head("w", n, 1, "sha256:aa", f"sha256:{n}", "sha256:cc", last.at, audit_n=n, audit_hash=last.hash)
        signed = log.append(records[:n], head)
    return log.path.read_bytes(), load_public_keys(folder / "keys"), signed


@pytest.fixture
def attacked(tmp_path, written):
    """Verify the log after `attack` has had the list of its lines."""

    def verify(attack, **heads):
        path = tmp_path / "log.jsonl"
        path.write_bytes(b"".join(attack(written[0].splitlines(keepends=True))))
        return verify_log(path, written[1], **heads)

    return verify


def rehashed(lines, first):
    """The lines with the whole chain computed anew from line `first` on, as an attacker without the key can."""
    told = [json.loads(line) for line in lines]
    entries = [AuditEntry(r["kind"], r["at"], r["run"], r["body"]) for r in told if "n" in r]
    chain = {record.n: record for record in link_all("w", 0, "", entries)}
    n, out = 0, []
    for value in told:
        if "head" in value:
            out.append(rfc8785.dumps(value) + b"\n")
            continue
        n += 1
        r = chain[n]
        fields = {"world": r.world, "n": r.n, "at": r.at, "kind": r.kind, "run": r.run, "body": r.body}
        out.append(rfc8785.dumps({**fields, "prev": r.prev, "hash": r.hash}) + b"\n")
    return out


def record_lines(lines):
    return [i for i, line in enumerate(lines) if b'"head"' not in line]


def edited(line, **changes):
    value = json.loads(line)
    value["body"] = {**value["body"], **changes}
    return rfc8785.dumps(value) + b"\n"


def test_the_untouched_log_is_intact(attacked, written):
    check = attacked(lambda lines: lines, head=written[2], database=written[2])

    assert (check.verdict, check.records, check.heads, check.signed_n) == ("intact", 48, 12, 48)


@pytest.mark.parametrize("seed", range(ATTACKS))
def test_an_edited_record_is_found_at_its_line(attacked, seed):
    chance = random.Random(seed)
    where = []

    def attack(lines):
        i = chance.choice(record_lines(lines))
        where.append(i + 1)
        return [*lines[:i], edited(lines[i], took=-1), *lines[i + 1 :]]

    check = attacked(attack)
    assert (check.verdict, check.line) == ("broken", where[0])


@pytest.mark.parametrize("seed", range(ATTACKS))
def test_a_deleted_record_is_found_at_its_line(attacked, seed):
    chance = random.Random(seed)
    where = []

    def attack(lines):
        i = chance.choice(record_lines(lines))
        where.append(i + 1)
        return [*lines[:i], *lines[i + 1 :]]

    check = attacked(attack)
    assert (check.verdict, check.line) == ("broken", where[0])


@pytest.mark.parametrize("seed", range(ATTACKS))
def test_two_swapped_lines_are_found_at_the_first_that_is_wrong(attacked, seed):
    chance = random.Random(seed)
    where = []

    def attack(lines):
        i, j = sorted(chance.sample(range(len(lines)), 2))
        still_a_link = b'"head"' in lines[i] and j == i + 1  # the record that follows may come before its head
        where.append(i + 1 + still_a_link)
        lines[i], lines[j] = lines[j], lines[i]
        return lines

    check = attacked(attack)
    assert (check.verdict, check.line) == ("broken", where[0])


@pytest.mark.parametrize("seed", range(ATTACKS))
def test_an_inserted_record_is_found_at_its_line(attacked, seed):
    chance = random.Random(seed)
    where = []

    def attack(lines):
        i = chance.choice(record_lines(lines))
        where.append(i + 1)
        before = json.loads(lines[i])
        forged = link_all("w", before["n"] - 1, before["prev"], [AuditEntry("run", 1, "forged", {})])[0]
        fields = {"world": "w", "n": forged.n, "at": 1, "kind": "run", "run": "forged", "body": {}}
        line = rfc8785.dumps({**fields, "prev": forged.prev, "hash": forged.hash}) + b"\n"
        return [*lines[:i], line, *lines[i:]]

    check = attacked(attack)
    assert check.verdict == "broken"
    assert check.line == where[0] + 1  # the forged record is a true link; the next one no longer follows on it


@pytest.mark.parametrize("seed", range(ATTACKS))
def test_an_edit_with_the_whole_chain_rehashed_is_found_by_the_next_signed_head(attacked, seed):
    chance = random.Random(seed)
    where = []

    def attack(lines):
        i = chance.choice(record_lines(lines))
        where.append(next(j for j in range(i, len(lines)) if b'"head"' in lines[j]) + 1)
        return rehashed([*lines[:i], edited(lines[i], took=-1), *lines[i + 1 :]], i)

    check = attacked(attack)
    assert (check.verdict, check.line) == ("broken", where[0])


@pytest.mark.parametrize("seed", range(ATTACKS))
def test_a_rehashed_chain_without_its_heads_is_unsigned_and_differs_from_a_head_kept_elsewhere(attacked, written, seed):
    chance = random.Random(seed)

    def attack(lines):
        i = chance.choice(record_lines(lines))
        forged = rehashed([*lines[:i], edited(lines[i], took=-1), *lines[i + 1 :]], i)
        return [line for j, line in enumerate(forged) if j < i or b'"head"' not in line]

    alone, compared = attacked(attack), None
    chance.seed(seed)
    compared = attacked(attack, head=written[2])
    assert alone.verdict == "unsigned"
    assert (compared.verdict, compared.n) == ("broken", 48)


@pytest.mark.parametrize("seed", range(ATTACKS))
def test_a_cut_tail_is_found_by_the_databases_head_or_one_kept_elsewhere(attacked, written, seed):
    keep = random.Random(seed).randrange(len(written[0].splitlines()))

    by_head = attacked(lambda lines: lines[:keep], head=written[2])
    by_database = attacked(lambda lines: lines[:keep], database=written[2])

    assert by_head.verdict == by_database.verdict == ("cut" if keep < 59 else "unsigned")
    assert by_head.line == (keep + 1 if keep < 59 else 56)


@pytest.mark.parametrize("seed", range(ATTACKS * 5))
def test_one_changed_byte_anywhere_is_found_at_its_line(attacked, written, seed):
    chance = random.Random(seed)
    raw = bytearray(written[0])
    at = chance.randrange(len(raw))
    raw[at] ^= chance.choice([1, 2, 4, 8, 16, 32, 64, 128])

    check = attacked(lambda _: [bytes(raw)])

    assert check.verdict in {"broken", "unsigned"}
    assert check.line == written[0][:at].count(b"\n") + 1


def test_a_head_signed_with_a_foreign_key_is_not_taken(attacked, tmp_path):
    foreign = load_or_create_key(tmp_path / "foreign")

    def attack(lines):
        head = {**json.loads(lines[-1])["head"], "key_id": foreign.key_id}
        signature = base64.b64encode(foreign.sign(HEAD_DOMAIN + rfc8785.dumps(head))).decode()
        return [*lines[:-1], rfc8785.dumps({"head": head, "signature": signature}) + b"\n"]

    check = attacked(attack)
    assert check.verdict == "unsigned"
    assert foreign.key_id in check.problem


def test_a_foreign_key_under_a_trusted_name_is_not_taken(tmp_path, written):
    path = tmp_path / "log.jsonl"
    path.write_bytes(written[0])
    foreign = load_or_create_key(tmp_path / "foreign")

    check = verify_log(path, dict.fromkeys(written[1], foreign.public))

    assert check.verdict == "unsigned"


def test_a_rotated_key_is_trusted_through_the_record_that_both_keys_signed(tmp_path):
    folder = tmp_path / "keys"
    old = load_or_create_key(folder)
    first = link_all("w", 0, "", [AuditEntry("run", 1, "r", {})])
    path = tmp_path / "log.jsonl"
    AuditLog(path, "w", old).append(first, head_of(first[-1]))
    new, entry = rotate_key(folder, "w", at=2, run="rotate")
    records = link_all("w", 1, first[-1].hash, [entry, AuditEntry("run", 3, "r", {})])
    AuditLog(path, "w", new).append(records, head_of(records[-1]))

    check = verify_log(path, {old.key_id: old.public})

    assert (check.verdict, check.keys) == ("intact", (old.key_id, new.key_id))
    assert load_or_create_key(folder).key_id == new.key_id


def test_a_rotation_that_only_the_new_key_signed_hands_over_nothing(tmp_path):
    old = load_or_create_key(tmp_path / "keys")
    new, entry = rotate_key(tmp_path / "keys", "w", at=2, run="rotate")
    forged = {**entry.body, "signatures": {**entry.body["signatures"], "from": entry.body["signatures"]["to"]}}
    records = link_all("w", 0, "", [AuditEntry(entry.kind, 2, "rotate", forged)])
    AuditLog(tmp_path / "log.jsonl", "w", new).append(records, head_of(records[-1]))

    check = verify_log(tmp_path / "log.jsonl", {old.key_id: old.public})

    assert (check.verdict, check.line) == ("broken", 1)


def test_a_log_that_goes_further_than_the_database_is_told(attacked, written):
    restored = LogHead("w", 44, json.loads(written[0].splitlines()[53])["hash"], "", 0)

    check = attacked(lambda lines: lines, database=restored)

    assert (check.verdict, check.n) == ("cut", 45)
    assert "database ends at 44" in check.problem


def test_a_missing_log_is_empty_and_cut_when_records_were_written(tmp_path, written):
    assert verify_log(tmp_path / "none", written[1]).verdict == "empty"
    assert verify_log(tmp_path / "none", written[1], head=written[2]).verdict == "cut"


def test_a_head_kept_elsewhere_is_read_from_a_line_or_an_object(tmp_path, written):
    line = tmp_path / "head.json"
    line.write_bytes(written[0].splitlines()[-1])
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps(json.loads(line.read_bytes())["head"]))

    assert read_head(line) == read_head(bare) == written[2]
    bare.write_text("[]")
    with pytest.raises(UsageError, match="isn't a head"):
        read_head(bare)


def head_of(record):
    return Head("w", record.n, 1, "sha256:aa", "sha256:bb", "sha256:cc", 9, audit_n=record.n, audit_hash=record.hash)
