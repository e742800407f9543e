"""reference/graphql.md: its examples run against a real server and database, and its tables are complete."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from docs.conftest import Pumphouse
from docs.tour import ROOT
from graphql import build_schema, parse, validate

from graphtwin.api.deciding.admission import LEAST
from graphtwin.api.limits import Limits
from graphtwin.api.schema import schema_text

PAGE = (ROOT / "reference" / "graphql.md").read_text("utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
[_, CURL, _] = re.findall(r"^```bash\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
ADDRESS, KEY = "127.0.0.1:8700", "~/.config/graphtwin/keys/api-key"


@pytest.fixture(scope="module")
def served(pumphouse: Pumphouse) -> Iterator[tuple[str, Path]]:
    """The address of `graphtwin serve` over the world of the tour, and its key."""
    command = [str(Path(sys.executable).parent / "graphtwin"), "serve", "--port", "0"]
    environment = {**os.environ, **pumphouse.environment}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    [address] = re.findall(r"http://127\.0\.0\.1:\d+", line)
    yield address, Path(pumphouse.environment["GRAPHTWIN_CONFIG"]) / "keys" / "api-key"
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def test_the_published_schema_is_the_one_that_is_served():
    assert (ROOT / "reference" / "schema.graphql").read_text("utf-8") == schema_text()


@pytest.mark.parametrize("document", re.findall(r"^```graphql\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
def test_a_document_on_the_page_fits_the_schema(document: str):
    assert validate(build_schema(schema_text()), parse(document)) == []


def test_every_root_is_told():
    told = {name for row in re.findall(r"^\| (`.*?`) +\| ", PAGE, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}

    assert {name for _, name in LEAST} <= told


def test_every_limit_is_told():
    limits = Limits()

    for value in (limits.depth, limits.aliases, limits.tokens, limits.page, limits.whole, limits.hops, limits.body):
        assert f"| {value:,} |" in PAGE
    streams = limits.streams
    times = (limits.seconds, streams.greeting, streams.sending, streams.ping)
    for most in (*times, streams.connections, streams.subscriptions):
        assert f"| {most:g} |" in PAGE


@pytest.mark.neo4j
@pytest.mark.timeout(900)
def test_the_examples_answer_from_a_real_server(pumphouse: Pumphouse, served: tuple[str, Path]):
    address, key = served

    said = [run([sys.executable, "-c", here(program, address, key)]) for program in PROGRAMS]
    curled = run(["bash", "-c", here(CURL, address, key)])

    [blocking, waiting, listening] = said
    assert "pump-1" in blocking
    assert re.findall(r"v\d+ machine:local/pump-1 \w+", waiting)
    assert re.findall(r"^(v\d+) ", listening, re.MULTILINE) == ["v1", "v2"]
    assert '"data":{"entity":{"at":{"version":"v' in curled
    assert key.read_text().strip() not in "".join((*said, curled))


@pytest.mark.neo4j
@pytest.mark.timeout(900)
def test_the_server_is_ready_counts_and_lets_nobody_in_without_the_key(served: tuple[str, Path]):
    address, _ = served

    assert httpx.get(f"{address}/readyz").json() == {"ready": True, "reasons": []}
    assert "graphtwin_http_requests_total" in httpx.get(f"{address}/metrics").text
    assert httpx.post(f"{address}/graphql", json={"query": "{ worlds { id } }"}).status_code == 401


def here(text: str, address: str, key: Path) -> str:
    """An example as it is typed where this server and this key are."""
    return text.replace(ADDRESS, address.removeprefix("http://")).replace(KEY, str(key))


def run(command: list[str]) -> str:
    """What a program printed; it must have ended well."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
