"""The HTTP actuator judges each answer by what it says about the effect, and tells no secret."""

# ruff: noqa: S106 - `${NAME}` is a reference, and what stands for a secret is none

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from certificates import make_certificates
from contracts.actuator_contract import NOW, StandingClock, a_command
from fakes.http_site import Answer, HttpSite, http_site

from graphtwin.actuators.http import HttpActuator
from graphtwin.errors import ConfigurationError
from graphtwin.model.configuration.acting import Actuator
from graphtwin.model.durations import SECOND
from graphtwin.model.plan import Request

SECRET = "tö:k/en+1"  # noqa: S105 - a canary
PATH = "/api/zones/z1"


@pytest.fixture
def site():
    with http_site() as one:
        one.says[PATH] = Answer({"ok": True})
        yield one


def an_actuator(
    url: str, environ: dict[str, str] | None = None, clock: StandingClock | None = None, folder: Path = Path(), **more
):
    config = Actuator(type="http", endpoint=f"{url}/api", **({"timeout": 20 * SECOND} | more))
    return HttpActuator("bms", config, folder, clock or StandingClock(), {} if environ is None else environ)


async def test_a_request_has_its_key_its_body_as_json_and_the_login(site: HttpSite):
    actuator = an_actuator(site.url, {"T": "abc", "K": "v"}, token="${T}", headers={"X-Api-Key": "${K}"})

    await actuator.send(a_command(key="act_1"))

    [asked] = site.asked
    assert (asked.method, asked.path, asked.body) == ("PUT", PATH, b'{"setpoint":21.5}')
    assert asked.headers["idempotency-key"] == "act_1"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == "Bearer abc"
    assert asked.headers["x-api-key"] == "v"


async def test_a_request_without_a_body_has_none(site: HttpSite):
    answer = await an_actuator(site.url).send(a_command(request=Request("DELETE", "zones/z1")))

    assert answer.outcome == "done"
    assert site.asked[0].body == b""
    assert "content-type" not in site.asked[0].headers


async def test_a_body_with_a_place_for_the_key_gets_it(site: HttpSite):
    request = Request("POST", "zones/z1", {"setpoint": 21, "idempotency_key": ""})

    await an_actuator(site.url).send(a_command(key="act_1", request=request))

    assert site.asked[0].body == b'{"setpoint":21,"idempotency_key":"act_1"}'


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "done"), (201, "done"), (202, "done"), (204, "done"),
        (301, "refused"), (307, "refused"), (308, "refused"),
        (302, "unknown"), (303, "unknown"), (304, "unknown"),
        (400, "refused"), (401, "refused"), (404, "refused"), (409, "refused"), (422, "refused"), (428, "refused"),
        (429, "refused"), (431, "refused"), (451, "refused"),
        (408, "unknown"), (500, "unknown"), (502, "unknown"), (503, "unknown"), (504, "unknown"), (599, "unknown"),
    ],
)  # fmt: skip
async def test_a_status_says_what_came_of_it(site: HttpSite, status: int, outcome: str):
    site.says[PATH] = Answer({"detail": "as it is"}, status, {"Location": f"{site.url}/elsewhere"})

    answer = await an_actuator(site.url).send(a_command())

    assert answer.outcome == outcome
    assert answer.text.startswith(f"HTTP {status}")
    assert len(site.asked) == 1  # neither a redirect nor a failure is followed by another request


async def test_the_other_sides_words_are_told_on_one_short_line(site: HttpSite):
    site.says[PATH] = Answer(b"no:\n\x1b[31m" + b"x" * 100_000, 409)

    answer = await an_actuator(site.url).send(a_command())

    assert answer.text.startswith("HTTP 409 Conflict: no: [31mxxx")
    assert len(answer.text) == 500


async def test_a_status_counts_although_the_rest_of_the_answer_never_comes(site: HttpSite):
    site.says[PATH] = Answer(b"half", 200, declared=100, hurry=False)

    answer = await an_actuator(site.url, timeout=SECOND).send(a_command())

    assert answer.outcome == "done"


@pytest.mark.parametrize("echo", [SECRET, "t%C3%B6%3Ak%2Fen%2B1", "t\\u00f6:k/en+1"])
async def test_a_secret_that_the_other_side_repeats_is_hidden(site: HttpSite, echo: str):
    site.says[PATH] = Answer(f"who is {echo}, and {echo}?".encode(), 401)
    actuator = an_actuator(site.url, {"P": SECRET}, username="${P}", password="${P}")

    answer = await actuator.send(a_command())

    assert answer.text == "HTTP 401 Unauthorized: who is ***, and ***?"


async def test_the_basic_login_is_hidden_as_it_goes_over_the_line(site: HttpSite):
    site.says[PATH] = lambda asked: Answer(asked.headers["authorization"].encode(), 403)
    actuator = an_actuator(site.url, {"P": "pass-1"}, username="ann", password="${P}")

    answer = await actuator.send(a_command())

    assert answer.text == "HTTP 403 Forbidden: Basic ***"


async def test_where_nobody_listens_or_no_name_leads_nothing_was_sent():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        answers = [await an_actuator(one).send(a_command()) for one in (url, "http://no-such-host.invalid")]

    assert [answer.outcome for answer in answers] == ["not_sent", "not_sent"]
    assert all(answer.text.startswith("no connection: ") for answer in answers)


async def test_a_certificate_that_nobody_vouches_for_ends_it_before_anything_is_sent(tmp_path: Path):
    _, certificate, key = make_certificates(tmp_path)
    with http_site(tls=(certificate, key)) as site:
        answer = await an_actuator(site.url).send(a_command())

        assert answer.outcome == "not_sent"
        assert "CERTIFICATE_VERIFY_FAILED" in answer.text
        assert site.asked == []


async def test_an_authority_that_it_names_is_trusted(tmp_path: Path):
    _, certificate, key = make_certificates(tmp_path)
    with http_site(tls=(certificate, key)) as site:
        site.says[PATH] = Answer({"ok": True})
        actuator = an_actuator(site.url, folder=tmp_path, tls={"ca": "ca.pem"})

        actuator.check()
        answer = await actuator.send(a_command())

    assert answer.outcome == "done"


async def test_a_file_that_cannot_be_used_is_told_beforehand_and_nothing_is_sent(site: HttpSite, tmp_path: Path):
    actuator = an_actuator(site.url, folder=tmp_path, tls={"ca": "gone.pem"})

    with pytest.raises(ConfigurationError, match="gone"):
        actuator.check()
    answer = await actuator.send(a_command())

    assert (answer.outcome, site.asked) == ("not_sent", [])


async def test_time_is_looked_at_again_once_the_connection_stands(site: HttpSite):
    answer = await an_actuator(site.url, clock=StandingClock(NOW + 1)).send(a_command(not_after=NOW))

    assert answer.outcome == "not_sent"
    assert site.asked == []


async def test_a_server_that_hangs_up_without_a_word_leaves_it_open():
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_hang_up, args=(server,), daemon=True).start()

        answer = await an_actuator(f"http://127.0.0.1:{server.getsockname()[1]}").send(a_command())

    assert answer.outcome == "unknown"


def _hang_up(server: socket.socket) -> None:
    connection, _ = server.accept()
    connection.close()


async def test_nonsense_instead_of_an_answer_leaves_it_open():
    def talk(server: socket.socket) -> None:
        connection, _ = server.accept()
        connection.recv(65_536)
        connection.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=talk, args=(server,), daemon=True).start()

        answer = await an_actuator(f"http://127.0.0.1:{server.getsockname()[1]}").send(a_command())

    assert answer.outcome == "unknown"


@pytest.mark.parametrize(
    "command",
    [
        a_command(request=Request("GET", "zones/z1")),
        a_command(request=Request("PUT", "../admin")),
        a_command(request=Request("PUT", "zones/z1", {"setpoint": float("nan")})),
        a_command(request=Request("PUT", "zones/z1", {"setpoint": object()})),
        a_command(key="two\r\nlines"),
        a_command(key=""),
    ],
)
async def test_what_cannot_be_put_on_the_way_is_not_sent(site: HttpSite, command):
    answer = await an_actuator(site.url).send(command)

    assert answer.outcome == "not_sent"
    assert answer.text
    assert site.asked == []


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"token": "${GONE}"}, "GONE"),
        ({"headers": {"X-Key": "${BROKEN}"}}, "X-Key"),
        ({"token": "${BROKEN}"}, "token"),
        ({"headers": {"Idempotency-Key": "mine"}}, "Idempotency-Key"),
        ({"headers": {"host": "other"}}, "host"),
        ({"headers": {"a b": "c"}}, "a b"),
        ({"token": "t", "username": "u"}, "token beside"),
    ],
)
async def test_a_login_that_cannot_be_used_is_told_beforehand_and_nothing_is_sent(site: HttpSite, config, says):
    actuator = an_actuator(site.url, {"BROKEN": "s3cret\r\nHost: other"}, **config)

    with pytest.raises(ConfigurationError, match=says) as told:
        actuator.check()
    answer = await actuator.send(a_command())

    assert answer.outcome == "not_sent"
    assert site.asked == []
    assert "s3cret" not in f"{answer.text}{told.value}"


async def test_a_secret_is_read_when_it_is_needed_and_not_before(site: HttpSite):
    environ: dict[str, str] = {}
    actuator = an_actuator(site.url, environ, token="${LATER}")
    environ["LATER"] = "abc"

    actuator.check()
    answer = await actuator.send(a_command())

    assert answer.outcome == "done"
    assert site.asked[0].headers["authorization"] == "Bearer abc"


async def test_no_proxy_of_the_environment_stands_between(site: HttpSite, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert (await an_actuator(site.url).send(a_command())).outcome == "done"


def test_what_would_be_sent_can_be_shown_without_the_login():
    actuator = an_actuator("http://bms.example", {}, token="${T}")

    assert actuator.shown(a_command()) == 'send PUT http://bms.example/api/zones/z1 {"setpoint":21.5}'
    assert actuator.shown(a_command(request=Request("DELETE", "x"))) == "send DELETE http://bms.example/api/x"
