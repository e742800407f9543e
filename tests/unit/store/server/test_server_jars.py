"""The locked jars: fetched whole or not at all, checked always, and no network once they are there."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphtwin.errors import Unavailable
from graphtwin.store.server.jars import Jar, JarLock, ensure_jars, jar_folder, jar_lock, wrong_jars
from graphtwin.store.server.progress import Silent

CLOSED = "http://127.0.0.1:9"


class Mirror(http.server.ThreadingHTTPServer):
    """A repository on the loopback that counts what is asked of it."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        self.busy = 0
        mirror = self

        class Files(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, directory=str(folder), **kwargs)

            def do_GET(self):
                mirror.asked.append(self.path)
                if mirror.busy > 0:
                    mirror.busy -= 1
                    self.send_error(503)
                else:
                    super().do_GET()

            def log_message(self, *args):
                pass

        super().__init__(("127.0.0.1", 0), Files)
        self.url = f"http://127.0.0.1:{self.server_port}"


class Told(Silent):
    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.bytes = 0

    def say(self, text: str) -> None:
        self.sentences.append(text)

    def advance(self, size: int) -> None:
        self.bytes += size


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    for number in range(5):
        file = folder / "org" / f"part-{number}" / f"part-{number}.jar"
        file.parent.mkdir(parents=True)
        file.write_bytes(bytes([number]) * (1000 + number))
    return folder


@pytest.fixture
def mirror(repository: Path) -> Iterator[Mirror]:
    with Mirror(repository) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def lock(repository: Path) -> JarLock:
    jars = [
        Jar(file.relative_to(repository).as_posix(), file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest())
        for file in sorted(repository.rglob("*.jar"))
    ]
    return JarLock(neo4j="1", browser="1", java=21, jars=tuple(jars))


def test_the_package_carries_a_lock_of_every_jar():
    lock = jar_lock()

    assert lock.neo4j == "2026.09.0"
    assert any("neo4j-browser" in jar.path for jar in lock.jars)
    assert all(len(jar.sha256) == 64 and jar.size > 0 and jar.path.endswith(".jar") for jar in lock.jars)


def test_the_first_call_says_size_and_place_and_fetches_all(lock: JarLock, mirror: Mirror, tmp_path: Path):
    told = Told()

    files = ensure_jars(lock, tmp_path / "cache", mirror.url, told)

    assert [file.read_bytes()[:1] for file in files] == [bytes([number]) for number in range(5)]
    assert str(jar_folder(tmp_path / "cache")) in told.sentences[0]
    assert "5 jars" in told.sentences[0]
    assert told.bytes == lock.size


def test_a_later_call_needs_no_network(lock: JarLock, mirror: Mirror, tmp_path: Path):
    first = ensure_jars(lock, tmp_path / "cache", mirror.url, Silent())

    told = Told()
    second = ensure_jars(lock, tmp_path / "cache", CLOSED, told)

    assert second == first
    assert told.sentences == []


def test_only_a_damaged_jar_is_fetched_again(lock: JarLock, mirror: Mirror, tmp_path: Path):
    files = ensure_jars(lock, tmp_path / "cache", mirror.url, Silent())
    files[2].write_bytes(b"x" * files[2].stat().st_size)
    mirror.asked.clear()

    ensure_jars(lock, tmp_path / "cache", mirror.url, Silent())

    assert mirror.asked == [f"/{lock.jars[2].path}"]
    assert wrong_jars(lock.jars, jar_folder(tmp_path / "cache")) == []


def test_a_repository_in_trouble_is_asked_again(lock: JarLock, mirror: Mirror, tmp_path: Path):
    mirror.busy = 1

    ensure_jars(lock, tmp_path / "cache", mirror.url, Silent())

    assert len(mirror.asked) == 6


def test_an_interrupted_download_keeps_what_it_got(lock: JarLock, mirror: Mirror, repository: Path, tmp_path: Path):
    missing = repository / lock.jars[0].path  # the smallest, so the last to be asked for
    content = missing.read_bytes()
    missing.unlink()
    with pytest.raises(Unavailable):
        ensure_jars(lock, tmp_path / "cache", mirror.url, Silent())
    missing.write_bytes(content)
    kept = 5 - len(wrong_jars(lock.jars, jar_folder(tmp_path / "cache")))
    mirror.asked.clear()

    ensure_jars(lock, tmp_path / "cache", mirror.url, Silent())

    assert len(mirror.asked) == 5 - kept


def test_a_file_that_is_not_the_locked_one_is_refused_by_name(
    lock: JarLock, mirror: Mirror, repository: Path, tmp_path: Path
):
    altered = repository / lock.jars[3].path
    altered.write_bytes(b"y" * lock.jars[3].size)

    with pytest.raises(Unavailable, match="isn't the file that graphtwin was tested with"):
        ensure_jars(lock, tmp_path / "cache", mirror.url, Silent())

    assert not (jar_folder(tmp_path / "cache") / lock.jars[3].path).exists()


def test_a_network_that_is_down_is_told_with_the_next_move(lock: JarLock, tmp_path: Path):
    with pytest.raises(Unavailable) as refused:
        ensure_jars(lock, tmp_path / "cache", CLOSED, Silent())

    assert CLOSED in refused.value.message
    assert "GRAPHTWIN_MAVEN_URL" in refused.value.hint


def test_a_disk_without_room_is_told_before_anything_is_fetched(lock: JarLock, mirror: Mirror, tmp_path: Path):
    huge = JarLock("1", "1", 21, (Jar("a/huge.jar", 2**60, "0" * 64),))

    with pytest.raises(Unavailable, match="are free"):
        ensure_jars(huge, tmp_path / "cache", mirror.url, Silent())

    assert mirror.asked == []


def test_a_cache_that_cant_be_written_is_told_with_the_next_move(lock: JarLock, mirror: Mirror, tmp_path: Path):
    (tmp_path / "cache").write_text("a file where the folder should be")

    with pytest.raises(Unavailable) as refused:
        ensure_jars(lock, tmp_path / "cache", mirror.url, Silent())

    assert "GRAPHTWIN_CACHE" in refused.value.hint
