"""The embedded server: from nothing to an answer, through kill -9, beside another, without a network, and closed."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from neo4j import AsyncDriver, Driver, GraphDatabase
from neo4j.exceptions import AuthError, ClientError, Neo4jError

from graphtwin.errors import Unavailable
from graphtwin.settings import Settings
from graphtwin.store.server import ServerAddress, ensure_running, status, stop
from graphtwin.store.server.home import ServerHome, read_state, write_state
from graphtwin.store.server.jars import jar_folder, jar_lock
from graphtwin.store.server.java import java_path, java_version
from graphtwin.store.server.startup_cache import StartupCache

pytestmark = pytest.mark.neo4j

CLOSED = "http://127.0.0.1:9"


@pytest.fixture
def settings(tmp_path: Path, settings_for: Callable[..., Settings]) -> Iterator[Settings]:
    """A second home, with no network: all it needs is in the cache that the session's server filled."""
    mine = settings_for(tmp_path / "a höme", maven_url=CLOSED)
    yield mine
    stop(mine)
    shutil.rmtree(mine.home, ignore_errors=True)


def connect(address: ServerAddress) -> Driver:
    return GraphDatabase.driver(address.uri, auth=address.auth)


def killed(settings: Settings) -> int:
    """Kill this home's server the hard way; its process id."""
    pid = status(settings).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    psutil.Process(pid).wait(30)
    return pid


async def test_the_session_server_answers_a_query(neo4j_driver: AsyncDriver):
    result = await neo4j_driver.execute_query("RETURN 1 AS one")

    assert result.records[0]["one"] == 1


def test_a_killed_server_is_noticed_and_comes_back_with_its_data_and_without_a_network(neo4j_server, settings):
    with connect(ensure_running(settings)) as driver:
        driver.execute_query("CREATE (:Kept {value: 42})")

    killed(settings)
    noticed = status(settings)
    with connect(ensure_running(settings)) as driver:
        found = driver.execute_query("MATCH (kept:Kept) RETURN kept.value AS value").records

    assert noticed.condition == "crashed"
    assert [record["value"] for record in found] == [42]


def test_two_homes_run_side_by_side_and_share_nothing_but_the_jars(neo4j_server, settings):
    address = ensure_running(settings)

    with pytest.raises(AuthError), GraphDatabase.driver(address.uri, auth=neo4j_server.auth) as driver:
        driver.execute_query("RETURN 1")

    assert address.uri != neo4j_server.uri
    assert address.http_url != neo4j_server.http_url


def test_starting_a_running_server_again_changes_nothing(neo4j_server, neo4j_settings):
    before = status(neo4j_settings)

    with ThreadPoolExecutor(4) as pool:
        addresses = list(pool.map(lambda _: ensure_running(neo4j_settings), range(4)))

    assert set(addresses) == {neo4j_server}
    assert status(neo4j_settings) == before


def test_starts_at_the_same_time_make_one_server(neo4j_server, settings):
    with ThreadPoolExecutor(3) as pool:
        addresses = set(pool.map(lambda _: ensure_running(settings), range(3)))

    argument = f"--home-dir={ServerHome.of(settings.home).root}"
    servers = [process for process in psutil.process_iter(["cmdline"]) if argument in (process.info["cmdline"] or [])]
    assert len(addresses) == 1
    assert len(servers) == 1


def test_a_state_file_that_names_a_stranger_harms_neither(neo4j_server, settings):
    ensure_running(settings)
    stop(settings)
    home = ServerHome.of(settings.home)
    state = read_state(home)
    assert state is not None
    me = psutil.Process()
    stale = {"bolt_port": state.bolt_port, "http_port": state.http_port, "version": state.version}
    write_state(home, type(state)(**stale, pid=me.pid, process_started=me.create_time(), started_at="", ready=True))

    seen = status(settings)
    stopped = stop(settings)

    assert seen.condition == "crashed"
    assert not stopped
    assert me.is_running()


def test_a_stopped_server_keeps_its_address_when_the_ports_are_still_free(neo4j_server, settings):
    first = ensure_running(settings)

    stopped = stop(settings)
    between = status(settings)
    second = ensure_running(settings)

    assert stopped
    assert between.condition == "stopped"
    assert second == first


@pytest.mark.parametrize("address", ["file:///etc/passwd", "file:///x.csv"])
async def test_a_query_cant_read_files(neo4j_driver: AsyncDriver, address: str):
    with pytest.raises(Neo4jError, match="file://"):
        await neo4j_driver.execute_query("LOAD CSV FROM $address AS row RETURN row", address=address)


async def test_a_query_cant_reach_the_network(neo4j_driver: AsyncDriver, neo4j_server: ServerAddress):
    with pytest.raises(ClientError, match="blocked"):
        await neo4j_driver.execute_query(
            "LOAD CSV FROM $address AS row RETURN row", address=f"{neo4j_server.http_url}/"
        )


async def test_the_server_listens_on_the_loopback_only(neo4j_server, neo4j_settings: Settings):
    process = psutil.Process(status(neo4j_settings).pid)

    listening = {entry.laddr.ip for entry in process.net_connections() if entry.status == psutil.CONN_LISTEN}

    assert listening <= {"127.0.0.1", "::ffff:127.0.0.1"}


async def test_no_one_gets_in_without_the_password(neo4j_server: ServerAddress):
    for auth in (None, ("neo4j", "neo4j")):
        with pytest.raises(Neo4jError), GraphDatabase.driver(neo4j_server.uri, auth=auth) as driver:
            driver.execute_query("RETURN 1")


def test_the_password_is_for_the_owner_only(neo4j_server: ServerAddress):
    assert neo4j_server.home is not None
    file = neo4j_server.home / "password"

    assert file.stat().st_mode & 0o777 == 0o600
    assert neo4j_server.home.stat().st_mode & 0o777 == 0o700
    assert neo4j_server.password not in repr(neo4j_server)


def test_a_password_that_is_not_the_servers_is_told_with_the_next_move(neo4j_server, neo4j_settings: Settings):
    file = ServerHome.of(neo4j_settings.home).password_file
    file.write_text("another\n")

    with pytest.raises(Unavailable, match="refuses user neo4j") as refused:
        ensure_running(neo4j_settings)
    file.write_text(neo4j_server.password)

    assert "password" in refused.value.hint
    assert ensure_running(neo4j_settings) == neo4j_server


def test_a_server_whose_starter_died_is_taken_over(neo4j_server, neo4j_settings: Settings):
    home = ServerHome.of(neo4j_settings.home)
    state = read_state(home)
    assert state is not None
    write_state(home, replace(state, ready=False))

    address = ensure_running(neo4j_settings)

    assert address == neo4j_server
    assert read_state(home) == state


def test_a_server_that_ends_while_starting_shows_its_last_words(neo4j_server, tmp_path: Path, settings_for):
    settings = settings_for(tmp_path / "home", maven_url=CLOSED)
    home = ServerHome.of(settings.home)
    home.create()
    (home.data / "databases").write_text("not a folder")
    home.password_file.write_text("some-password\n")

    with pytest.raises(Unavailable) as refused:
        ensure_running(settings)

    assert "Its last words" in refused.value.message
    assert "doctor" in refused.value.hint


def test_a_damaged_start_up_cache_does_not_keep_the_server_from_starting(neo4j_server, settings, tmp_path: Path):
    mine = settings.model_copy(update={"cache": tmp_path / "cache"})
    mine.cache.mkdir()
    jar_folder(mine.cache).symlink_to(jar_folder(settings.cache))
    lock, java = jar_lock(), java_path(21)
    startup = StartupCache.of(mine.cache, lock, java, java_version(java))
    startup.folder.mkdir(parents=True)
    startup.archive.write_bytes(b"not an archive")

    with connect(ensure_running(mine)) as driver:
        answer = driver.execute_query("RETURN 1 AS one").records

    assert answer[0]["one"] == 1


def test_an_external_database_is_used_and_never_stopped(neo4j_server: ServerAddress, tmp_path: Path, settings_for):
    assert neo4j_server.home is not None
    settings = settings_for(tmp_path, neo4j={"uri": neo4j_server.uri, "password_file": neo4j_server.home / "password"})

    address = ensure_running(settings)

    assert (address.uri, address.http_url) == (neo4j_server.uri, None)
    assert status(settings).condition == "external"
    with pytest.raises(Unavailable, match="isn't graphtwin's to stop"):
        stop(settings)
