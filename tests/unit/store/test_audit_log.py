"""The audit log: only grows, heals a torn line, refuses before a sync when it can't be written."""

import json
import resource
import subprocess
import sys

import pytest

from graphtwin.errors import AuditUnwritable, IntegrityError
from graphtwin.methods.audit.audit_chain import link_all
from graphtwin.model.commit import AuditEntry, Head
from graphtwin.store.audit_log import AuditLog, log_file
from graphtwin.store.audit_verify import verify_log
from graphtwin.store.keys import load_or_create_key, load_public_keys


def chain(count, world="w"):
    return link_all(world, 0, "", [AuditEntry("run", 1000 + i, f"r{i}", {"i": i, "x": i / 7}) for i in range(count)])


def head_at(record):
    return Head(
        record.world, record.n, 5, "sha256:aa", "sha256:bb", "sha256:cc", 7, audit_n=record.n, audit_hash=record.hash
    )


@pytest.fixture
def key(tmp_path):
    return load_or_create_key(tmp_path / "keys")


@pytest.fixture
def log(tmp_path, key):
    return AuditLog(tmp_path / "audit" / "w.jsonl", "w", key)


def test_a_log_holds_each_record_once_and_a_signed_head_after_each_commit(log, tmp_path):
    records = chain(5)

    log.append(records[:3], head_at(records[2]))
    log.append(records[:3], head_at(records[2]))
    log.append(records, head_at(records[4]))

    lines = [json.loads(line) for line in log.path.read_text().splitlines()]
    assert [line["n"] if "n" in line else line["head"]["n"] for line in lines] == [1, 2, 3, 3, 4, 5, 5]
    assert verify_log(log.path, load_public_keys(tmp_path / "keys")).verdict == "intact"


def test_a_line_torn_by_a_crash_is_kept_aside_and_written_whole(log, tmp_path):
    records = chain(4)
    log.append(records[:2], head_at(records[1]))
    with log.path.open("ab") as file:
        file.write(b'{"at":1002,"body":{"i"')

    assert log.last_n() == 2
    log.append(records[2:], head_at(records[3]))

    assert verify_log(log.path, load_public_keys(tmp_path / "keys")).verdict == "intact"
    assert log.path.with_name("w.jsonl.torn").read_bytes() == b'{"at":1002,"body":{"i"\n'


def test_a_crash_at_any_byte_of_an_append_loses_no_record(log, tmp_path):
    records = chain(3)
    log.append(records[:1], head_at(records[0]))
    before = log.path.read_bytes()
    log.append(records, head_at(records[2]))
    whole = log.path.read_bytes()

    for end in range(len(before), len(whole) + 1, 7):
        log.path.write_bytes(whole[:end])
        log.append(records[log.last_n() :], head_at(records[2]))
        check = verify_log(log.path, load_public_keys(tmp_path / "keys"))
        assert (check.verdict, check.last_n) == ("intact", 3)


def test_records_that_do_not_follow_on_the_log_are_refused(log):
    records = chain(4)
    log.append(records[:2], head_at(records[1]))
    other = link_all("w", 0, "", [AuditEntry("run", 1, "else", {})] * 4)
    before = log.path.read_bytes()

    with pytest.raises(IntegrityError, match="doesn't follow"):
        log.append(other, head_at(other[3]))
    with pytest.raises(IntegrityError, match="were not given"):
        log.append(records[:2], head_at(records[3]))

    assert log.path.read_bytes() == before


def test_a_log_that_cannot_be_written_is_refused_before_the_sync(tmp_path, key):
    (tmp_path / "file").write_text("not a folder")
    under_a_file = AuditLog(tmp_path / "file" / "w.jsonl", "w", key)
    (tmp_path / "folder.jsonl").mkdir()
    is_a_folder = AuditLog(tmp_path / "folder.jsonl", "w", key)

    for log in (under_a_file, is_a_folder):
        with pytest.raises(AuditUnwritable, match="Nothing was changed"):
            log.check_writable()


def test_a_disk_that_is_full_is_found_by_the_probe(tmp_path, key):
    log = AuditLog(tmp_path / "w.jsonl", "w", key)
    records = chain(1)
    log.append(records, head_at(records[0]))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limit[1]))
    try:
        with pytest.raises(AuditUnwritable):
            log.check_writable()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)

    log.check_writable()
    assert [path.name for path in tmp_path.iterdir() if "probe" in path.name] == []


FULL = """
import sys
from pathlib import Path
from graphtwin.errors import AuditUnwritable
from graphtwin.store.audit_log import AuditLog
from graphtwin.store.keys import load_or_create_key
log = AuditLog(Path(sys.argv[1]) / "w.jsonl", "w", load_or_create_key(Path(sys.argv[2])))
try:
    log.check_writable()
except AuditUnwritable as error:
    print("refused:", error.message)
"""


@pytest.mark.parametrize("options", ["size=64k", "ro"])
def test_a_really_full_or_read_only_file_system_is_refused(tmp_path, options):
    mount = tmp_path / "mount"
    mount.mkdir()
    script = f'mount -t tmpfs -o {options} none "{mount}" && exec "$0" -c "$1" "{mount}" "{tmp_path}/keys"'
    command = ["unshare", "-rm", "sh", "-c", script, sys.executable, FULL]

    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        pytest.skip("unshare isn't installed")
    if done.returncode != 0 and ("unshare" in done.stderr or "mount" in done.stderr):
        pytest.skip(f"this machine lets nobody mount: {done.stderr.strip()}")

    assert done.stdout.startswith("refused: "), done.stderr


def test_a_log_of_another_chain_is_refused_as_after_a_database_was_made_anew(log):
    old = chain(5)
    log.append(old, head_at(old[4]))
    new = link_all("w", 0, "", [AuditEntry("run", 1, "anew", {})] * 2)
    before = log.path.read_bytes()

    for act in (lambda: log.check_follows(head_at(new[1])), lambda: log.append(new, head_at(new[1]))):
        with pytest.raises(IntegrityError, match=r"another chain[\s\S]*mv "):
            act()

    assert log.path.read_bytes() == before


def test_a_log_that_another_process_brought_further_is_left_as_it_is(log):
    records = chain(5)
    log.append(records, head_at(records[4]))
    before = log.path.read_bytes()

    log.append(records[:3], head_at(records[2]))

    assert log.path.read_bytes() == before


def test_an_altered_end_of_the_log_stops_the_export(log):
    records = chain(3)
    log.append(records[:2], head_at(records[1]))
    log.path.write_bytes(log.path.read_bytes() + b"what is this\n")

    with pytest.raises(IntegrityError, match="isn't a record"):
        log.append(records, head_at(records[2]))


def test_a_lost_head_line_is_signed_again(log, tmp_path):
    records = chain(2)
    log.append(records, head_at(records[1]))
    lines = log.path.read_bytes().splitlines(keepends=True)
    log.path.write_bytes(b"".join(lines[:-1]))
    keys = load_public_keys(tmp_path / "keys")
    assert verify_log(log.path, keys).verdict == "unsigned"

    log.append((), head_at(records[1]))

    assert verify_log(log.path, keys).verdict == "intact"


def test_the_log_path_takes_the_world_and_nothing_else(tmp_path):
    assert log_file("audit/{world}.jsonl", "demo", tmp_path) == tmp_path / "audit/demo.jsonl"
    assert log_file("/var/log/{world.__class__}.jsonl", "demo", tmp_path).name == "{world.__class__}.jsonl"


def test_a_record_of_the_first_page_is_not_needed_to_append_the_next(log):
    records = chain(3)
    log.append(records[:2], head_at(records[1]))

    signed = log.append(records[2:], head_at(records[2]))

    assert (signed.n, signed.hash) == (3, records[2].hash)
    assert log.last_n() == 3
