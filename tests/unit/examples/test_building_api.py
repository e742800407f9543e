"""The building of the example over HTTP: what its management shows and takes, its clock, and what happens behind the scenes."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from building.engine import Engine
from building.http_api import BuildingApi
from building.http_server import serve
from building_client import BuildingClient, NotDone
from building_scene import MINUTE, WARM_MONDAY, HeardLine, building_at
from hypothesis import given, settings
from hypothesis import strategies as st


class Served:
    """A building that stands still behind a real server."""

    def __init__(self, *, token: str = "") -> None:
        self.building, self.line = building_at()
        self.engine = Engine(self.building, speed=0)
        self.server = serve(BuildingApi(self.engine, token=token), 0)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.client = BuildingClient(self.url, token=token)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.engine.stop()


@pytest.fixture
def served() -> Iterator[Served]:
    one = Served()
    yield one
    one.close()


# --- what the management shows -------------------------------------------------------------------------------------


def test_the_status_shows_every_machine_in_the_managements_naming(served: Served) -> None:
    status = served.client.status()

    assert [unit["name"] for unit in status["units"]] == [f"AHU-3{letter}" for letter in "ABCDEF"]
    assert [one["name"] for one in status["air_handlers"]] == ["CAHU-1", "CAHU-2"]
    unit = status["units"][0]
    assert (unit["setpoint"], unit["state"], unit["control"]) == (22.0, "cooling", "remote")
    assert unit["cooling_valve"].keys() == {"command", "position", "hand"}
    assert abs(unit["room_temp"] - served.building.house.zones["zone-3a"].air) < 0.2


def test_a_status_that_has_not_changed_is_not_sent_again(served: Served) -> None:
    first = httpx.get(f"{served.url}/hvac/status")
    same = httpx.get(f"{served.url}/hvac/status", headers={"If-None-Match": first.headers["ETag"]})
    served.client.advance(MINUTE)
    new = httpx.get(f"{served.url}/hvac/status", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, same.status_code, same.content, new.status_code) == (200, 304, b"", 200)
    assert new.headers["ETag"] != first.headers["ETag"]


def test_the_management_asks_its_machines_every_half_minute_and_after_a_command(served: Served) -> None:
    served.client.status()
    served.client.advance(20)
    meanwhile = served.client.unit("AHU-3A")["ts"]
    served.client.command("AHU-3A.setpoint", 23, "k")
    commanded = served.client.unit("AHU-3A")
    served.client.advance(30)

    assert meanwhile == "2026-06-15T11:00:00Z"
    assert (commanded["ts"], commanded["setpoint"]) == ("2026-06-15T11:00:20Z", 23)
    assert served.client.unit("AHU-3A")["ts"] == "2026-06-15T11:00:50Z"


def test_the_roster_comes_in_pages_that_lead_from_one_to_the_next(served: Served) -> None:
    pages, address = [], f"{served.url}/roster?per_page=10"
    while address:
        answer = httpx.get(address)
        pages.append(answer.json())
        address = f"{served.url}{answer.json()['next']}" if answer.json()["next"] else ""
        assert bool(address) == ("Link" in answer.headers)

    rows = [row for page in pages for row in page["items"]]
    assert [len(page["items"]) for page in pages] == [10, 10, 10, 7]
    assert len({row["point"] for row in rows}) == len(rows) == pages[0]["total"]
    assert rows == served.client.roster()


def test_the_roster_still_names_the_zone_from_which_a_sensor_was_taken(served: Served) -> None:
    served.client.inject(id="m", kind="moved_device", sensor="sensor-temp-304", zone="zone-3f")

    row = next(row for row in served.client.roster() if row["point"] == "ZN3B-T2")

    assert (row["zone"], row["serial"]) == ("ZN3B", "E8-44-0304")


# --- commands ------------------------------------------------------------------------------------------------------


def test_a_command_is_answered_noted_and_done(served: Served) -> None:
    answer = served.client.command("AHU-3A.setpoint", 24, "k-1")

    [entry] = served.client.journal()
    assert (answer.status, answer.body["point"], answer.body["value"]) == (200, "AHU-3A.setpoint", 24)
    assert (entry["key"], entry["point"], entry["value"], entry["before"]) == ("k-1", "AHU-3A.setpoint", 24, 22.0)
    assert (entry["outcome"], entry["received_at"]) == ("applied", "2026-06-15T11:00:00Z")
    assert served.client.ask("GET", "/points/AHU-3A.setpoint").body["value"] == 24


def test_a_repeated_command_says_that_it_is_one(served: Served) -> None:
    served.client.command("AHU-3A.setpoint", 24, "k-1")
    by_post = served.client.ask(
        "POST", "/commands", {"point": "AHU-3A.setpoint", "value": 24}, {"Idempotency-Key": "k-1"}
    )

    assert (by_post.status, by_post.headers["Idempotency-Replayed"]) == (200, "true")
    assert served.client.effects() == {"k-1": 1}


def test_many_at_once_with_one_key_take_effect_once(served: Served) -> None:
    threads = [threading.Thread(target=served.client.command, args=("AHU-3A.setpoint", 24, "k-1")) for _ in range(12)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert served.client.effects() == {"k-1": 1}
    assert len(served.client.journal()) == 12


def test_a_command_without_a_key_is_not_taken(served: Served) -> None:
    answer = served.client.ask("PUT", "/points/AHU-3A.setpoint", {"value": 24})

    assert answer.status == 400
    assert "Idempotency-Key" in answer.body["error"]
    assert served.client.journal() == []


def test_a_building_that_breaks_off_leaves_the_asker_without_an_answer_but_has_done_it(served: Served) -> None:
    served.client.inject(id="d", kind="refuses_commands", how="drops", times=1)

    with pytest.raises(OSError, match="without response"):
        served.client.command("AHU-3A.setpoint", 24, "k-1")

    again = served.client.command("AHU-3A.setpoint", 24, "k-1")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert served.client.effects() == {"k-1": 1}


def test_a_building_that_dawdles_answers_others_meanwhile(served: Served) -> None:
    served.client.inject(id="s", kind="refuses_commands", how="slow", wait=1.5, times=1)
    slow = threading.Thread(target=served.client.command, args=("AHU-3A.setpoint", 24, "k-1"))

    slow.start()
    while not served.client.journal():
        time.sleep(0.01)
    others = served.client.command("AHU-3B.setpoint", 24, "k-2")
    waits = slow.is_alive()
    slow.join()

    assert (others.status, waits) == (200, True)


def test_with_a_token_the_managements_pages_need_it() -> None:
    served = Served(token="let-me-in")  # noqa: S106 - no secret
    stranger = BuildingClient(served.url)

    answers = [stranger.ask("GET", path).status for path in ("/hvac/status", "/roster", "/points", "/clock")]
    told = stranger.command("AHU-3A.setpoint", 24, "k").status
    known = served.client.command("AHU-3A.setpoint", 24, "k").status
    served.close()

    assert answers == [401, 401, 401, 200]
    assert (told, known) == (401, 200)


# --- the clock -----------------------------------------------------------------------------------------------------


def test_the_clock_stands_still_is_stepped_and_runs(served: Served) -> None:
    still = served.client.clock()
    stepped = served.client.advance("10m")

    served.engine.start()
    served.client.speed(3600)
    while served.client.clock()["now"] == stepped["now"]:
        time.sleep(0.01)
    paused = served.client.pause()
    time.sleep(0.2)

    assert (still["now"], still["paused"]) == ("2026-06-15T11:00:00Z", True)
    assert stepped["now"] == "2026-06-15T11:10:00Z"
    assert served.client.clock() == paused
    assert served.client.resume() == {**paused, "paused": False}


def test_everything_that_was_said_is_dated_at_or_before_the_clock(served: Served) -> None:
    served.client.advance("30m")

    assert max(payload["ts"] for _, payload, _ in served.line.sent) <= served.client.clock()["now"]


def test_time_never_runs_ahead_of_the_machines_own() -> None:
    building, _ = building_at()
    engine = Engine(building, speed=3600, wall=lambda: WARM_MONDAY + 25.0)

    engine.start()
    time.sleep(0.3)
    engine.stop()

    assert building.now == WARM_MONDAY + 20


@pytest.mark.parametrize(
    "body",
    [None, {}, {"speed": -1}, {"speed": 1e9}, {"speed": True}, {"advance": "soon"}, {"advance": 15}, {"advance": "9d"}],
)
def test_a_clock_is_not_set_to_what_cannot_be(served: Served, body: Any) -> None:
    answer = served.client.ask("POST", "/clock", body)

    assert answer.status == 422
    assert served.client.clock()["now"] == "2026-06-15T11:00:00Z"


# --- faults --------------------------------------------------------------------------------------------------------


def test_a_fault_is_injected_shown_and_ended(served: Served) -> None:
    begun = served.client.inject(id="knob", kind="wrong_setpoint", unit="hvac-unit-3a", value=26)
    wrong = served.client.unit("AHU-3A")["setpoint"]
    served.client.end("knob")

    [fault] = served.client.faults()
    assert (begun["state"], wrong) == ("active", 26)
    assert (fault["state"], fault["why"]) == ("ended", "it was ended")
    assert served.client.unit("AHU-3A")["setpoint"] == 22


def test_a_fault_of_later_waits_for_its_time(served: Served) -> None:
    served.client.inject(id="knob", kind="wrong_setpoint", unit="hvac-unit-3a", value=26, at="20m", lasts="10m")

    states = []
    for _ in range(4):
        states.append(served.client.faults()[0]["state"])
        served.client.advance("10m")

    assert states == ["waiting", "waiting", "active", "ended"]


def test_a_fault_cannot_be_on_twice_or_end_before_it_is_there(served: Served) -> None:
    served.client.inject(id="s", kind="stuck_valve", unit="hvac-unit-3a")

    with pytest.raises(NotDone, match="s is active already"):
        served.client.inject(id="s", kind="stuck_valve", unit="hvac-unit-3b")
    with pytest.raises(NotDone, match="no fault x"):
        served.client.end("x")
    with pytest.raises(NotDone, match="s is active, not waiting"):
        served.client.begin("s")


def test_the_truth_tells_who_lies(served: Served) -> None:
    served.client.inject(id="d", kind="drifting_sensor", sensor="sensor-temp-301", per_hour=6)
    served.client.advance("30m")

    truth = served.client.truth()

    assert truth["sensors"]["sensor-temp-301"]["drift"] == pytest.approx(3.0)
    assert served.line.on("temp-301/temperature")[-1]["value"] > truth["zones"]["zone-3a"]["air"] + 2.5


# --- what strangers send -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", b"", 404),
        ("DELETE", "/hvac/status", b"", 405),
        ("GET", "/roster?page=0", b"", 422),
        ("GET", "/roster?page=99", b"", 422),
        ("GET", "/roster?per_page=many", b"", 422),
        ("PUT", "/points/AHU-3A.setpoint", b"{", 400),
        ("PUT", "/points/AHU-3A.setpoint", b"[1]", 422),
        ("POST", "/faults", b'{"kind": "earthquake"}', 422),
        ("POST", "/faults", b"[" * 5000, 400),
        ("POST", "/clock", b"\xff\xfe", 400),
        ("POST", "/faults", b" " * 70_000, 413),
    ],
)
def test_a_bad_request_is_answered_with_what_is_wrong(
    served: Served, method: str, path: str, body: bytes, status: int
) -> None:
    answer = httpx.request(method, served.url + path, content=body)

    assert answer.status_code == status
    assert answer.json()["error"]


FIELDS = ["value", "point", "kind", "id", "unit", "sensor", "zone", "how", "at", "lasts", "speed", "paused", "advance"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)
API = BuildingApi(Engine(building_at()[0], speed=0))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["/clock", "/faults", "/commands", "/points/AHU-3A.setpoint", "/points/%00", "/faults/x/start"]),
    st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
    JSON.filter(lambda body: not (isinstance(body, dict) and "advance" in body)) | st.binary(max_size=20),
)
def test_nothing_that_is_sent_makes_it_stumble(path: str, method: str, body: Any) -> None:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()

    answer = API.answer(method, path, {"Idempotency-Key": "k"}, sent)

    assert 200 <= answer.status < 500
    json.dumps(answer.body)


def test_a_connection_may_be_used_again_and_a_broken_one_does_no_harm(served: Served) -> None:
    port = int(served.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as broken:
        broken.sendall(b"PUT /points/AHU-3A.setpoint HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")

    with httpx.Client(base_url=served.url) as connection:
        statuses = [connection.get("/healthz").status_code for _ in range(3)]

    assert statuses == [200, 200, 200]


def test_a_client_needs_an_address_of_http() -> None:
    with pytest.raises(ValueError, match=r"http://127\.0\.0\.1"):
        BuildingClient("file:///etc/passwd")
    assert HeardLine().sent == []
