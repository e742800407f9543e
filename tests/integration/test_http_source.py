"""HTTP sources against a real server: what changed, page by page, with a login, within limits, and never led astray."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from certificates import make_certificates
from fakes.http_site import Answer, Asked, HttpSite, http_site
from live import http_source

NOW = 1_769_860_800_000_000
MINUTE = 60_000_000
THINGS = [{"id": "a", "n": 1}, {"id": "b", "n": 2}]


@pytest.fixture
def site() -> Iterator[HttpSite]:
    with http_site() as site:
        site.says["/things"] = Answer(THINGS)
        yield site


async def read(source: Any, cursor: Mapping[str, Any] | None = None, *, full: bool = False, now: int = NOW) -> Any:
    return await source.read(cursor, full=full, now=now)


def said(reading: Any) -> list[Any]:
    return [message.payload for message in reading.messages]


def names(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Lets every host that isn't written as a number lead to these addresses, one answer after the other, the last again
    and again; answers with the names that were looked up.
    """
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else str(host)
        if text.replace(".", "").isdigit() or ":" in text:
            return real(host, port, *rest, **more)
        asked.append(text)
        address = answers[min(len(asked), len(answers)) - 1]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port, *((0, 0) if ":" in address else ())))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


# --- what is new


@pytest.mark.parametrize(("header", "sent"), [("ETag", "if-none-match"), ("Last-Modified", "if-modified-since")])
async def test_what_has_not_changed_is_an_answer_without_messages(site: HttpSite, header: str, sent: str):
    def page(asked: Asked) -> Answer:
        return Answer(status=304) if asked.headers.get(sent) == "v1" else Answer(THINGS, headers={header: "v1"})

    site.says["/things"] = page
    source = http_source(site)

    first = await read(source)
    second = await read(source, first.cursor)
    third = await read(source, second.cursor)

    assert said(first) == THINGS
    assert [(one.answered, one.messages, one.problem) for one in (second, third)] == [(True, (), "")] * 2
    assert third.cursor["reading"] == 3


async def test_a_full_reading_and_a_roster_and_another_address_ask_for_everything(site: HttpSite):
    site.says["/things"] = site.says["/others"] = Answer(THINGS, headers={"ETag": "v1"})
    first = await read(http_source(site))

    await read(http_source(site), first.cursor, full=True)
    await read(http_source(site, roster=True), first.cursor)
    await read(http_source(site, "/others"), first.cursor)

    assert [asked.headers.get("if-none-match") for asked in site.asked] == [None] * 4


async def test_a_source_with_a_cadence_is_asked_in_full_once_in_that_time(site: HttpSite):
    site.says["/things"] = Answer(THINGS, headers={"ETag": "v1"})
    source = http_source(site, cadence="5m")
    first = await read(source)

    await read(source, first.cursor, now=NOW + 4 * MINUTE)
    await read(source, first.cursor, now=NOW + 5 * MINUTE)

    assert [asked.headers.get("if-none-match") for asked in site.asked] == [None, "v1", None]


async def test_an_unchanged_unstamped_answer_is_told_apart_by_the_number_of_its_reading(site: HttpSite):
    source = http_source(site)
    first = await read(source)
    second = await read(source, first.cursor)

    assert [message.locus for message in first.messages] == ["r1.0", "r1.1"]
    assert [message.locus for message in second.messages] == ["r2.0", "r2.1"]
    assert [message.place for message in second.messages] == ["s#2:1", "s#2:1"]


# --- pages


def paged(things: list[Any], link: Callable[[int], Mapping[str, Any]]) -> Callable[[Asked], Answer]:
    def page(asked: Asked) -> Answer:
        number = int(asked.query.get("page", "1"))
        more = link(number) if number < len(things) else {}
        headers = {"Link": more["link"]} if "link" in more else {}
        body = {"items": things[number - 1 : number], **{key: value for key, value in more.items() if key != "link"}}
        return Answer(body, headers={"ETag": "v1", **headers})

    return page


@pytest.mark.parametrize(
    ("link", "fields"),
    [
        (lambda n: {"link": f'</things?page={n + 1}>; rel="next", </things>; rel="first"'}, {}),
        (lambda n: {"link": f"<?page={n + 1}>; rel=next"}, {}),
        (lambda n: {"more": {"at": f"/things?page={n + 1}"}}, {"next": "more.at"}),
        (lambda n: {"token": n + 1}, {"next": "token", "page_parameter": "page"}),
        (lambda _: {}, {"page_parameter": "page"}),
    ],
    ids=["a link", "a relative link", "an address", "a token", "a count"],
)  # fmt: skip
async def test_all_pages_are_read_however_they_are_named(
    site: HttpSite, link: Callable[[int], Mapping[str, Any]], fields: dict[str, Any]
):
    things = [{"id": str(n)} for n in range(4)]
    site.says["/things"] = paged(things, link)

    reading = await read(http_source(site, records="items", **fields))

    assert said(reading) == things
    assert reading.complete
    assert "etag" not in reading.cursor  # the first page's tag doesn't speak for the others
    assert [message.locus for message in reading.messages] == ["r1.0", "r1.1", "r1.2", "r1.3"]


async def test_a_page_that_fails_makes_the_whole_reading_none(site: HttpSite):
    first = Answer(THINGS, headers={"Link": '</more>; rel="next"'})
    site.says |= {"/things": first, "/more": Answer(status=500)}

    reading = await read(http_source(site))

    assert (reading.answered, reading.complete, reading.messages) == (False, False, ())
    assert "HTTP 500" in reading.problem


async def test_pages_that_lead_in_a_circle_or_without_an_end_are_cut_off(site: HttpSite):
    site.says["/things"] = Answer(THINGS, headers={"Link": '</things>; rel="next"'})
    site.says["/endless"] = lambda asked: Answer(
        THINGS[:1], headers={"Link": f'</endless?page={int(asked.query.get("page", "1")) + 1}>; rel="next"'}
    )

    circle = await read(http_source(site))
    endless = await read(http_source(site, "/endless", max_pages=3))

    assert "circle" in circle.problem
    assert not circle.answered
    assert (endless.answered, endless.complete, len(endless.messages)) == (True, False, 3)
    assert "max_pages" in endless.hint


async def test_more_messages_than_one_reading_takes_make_it_incomplete(site: HttpSite):
    reading = await read(http_source(site, max_messages=1))

    assert said(reading) == THINGS[:1]
    assert not reading.complete
    assert "max_messages" in reading.hint


# --- forms


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("application/json", b'[{"id": 1}, {"id": 2}]', [{"id": 1}, {"id": 2}]),
        ("application/vnd.acme+json; charset=utf-8", b'{"id": 1}', [{"id": 1}]),
        ("application/x-ndjson", b'{"id": 1}\n\n5', [{"id": 1}, 5]),
        ("text/csv; header=present", b"id,n\na,1\nb,2", [{"id": "a", "n": "1"}, {"id": "b", "n": "2"}]),
        ("application/yaml", b"- {id: 1}\n- {id: 2}\n", [{"id": 1}, {"id": 2}]),
        ("text/plain", b'{"id": 1}', [{"id": 1}]),
        ("application/json", b"", []),
    ],
)
async def test_an_answer_is_read_as_what_it_says_it_is(site: HttpSite, kind: str, body: bytes, expected: list[Any]):
    site.says["/things"] = Answer(body, headers={"Content-Type": kind})

    reading = await read(http_source(site))

    assert said(reading) == expected
    assert {message.table for message in reading.messages} <= {"csv" in kind}
    assert reading.complete


async def test_the_form_may_be_declared_or_stand_in_the_address(site: HttpSite):
    plain = Answer(b"id,n\na,1\n", headers={"Content-Type": "text/plain"})
    site.says |= {"/list.csv": plain, "/list": plain}

    by_address = await read(http_source(site, "/list.csv"))
    declared = await read(http_source(site, "/list", format="csv"))

    assert said(by_address) == said(declared) == [{"id": "a", "n": "1"}]


async def test_records_are_found_in_an_answer(site: HttpSite):
    site.says["/things"] = Answer({"units": [{"id": 1}], "ahus": [{"id": 2}]})

    reading = await read(http_source(site, records="[units, ahus][]"))

    assert said(reading) == [{"id": 1}, {"id": 2}]


@pytest.mark.parametrize("body", [b"<html>log in</html>", b'{"id": ', b"\xff\xfe", b'[{"id": NaN}]'])
async def test_an_answer_that_is_no_json_is_one_malformed_message(site: HttpSite, body: bytes):
    site.says["/things"] = Answer(body)

    reading = await read(http_source(site))

    [bad] = reading.malformed
    assert reading.answered
    assert bad.place == "s#1"
    assert bad.reason
    assert bad.hint


async def test_a_table_whose_header_can_not_be_read_is_no_answer(site: HttpSite):
    site.says["/things"] = Answer(b"id,id\na,b\n", headers={"Content-Type": "text/csv"})

    reading = await read(http_source(site))

    assert not reading.answered
    assert "two columns are named 'id'" in reading.problem


@pytest.mark.parametrize("found", [True, 1.5, {"a": 1}, [1]])
async def test_a_next_that_is_no_address_is_no_answer(site: HttpSite, found: Any):
    site.says["/things"] = Answer({"items": [], "next": found})

    reading = await read(http_source(site, records="items", next="next"))

    assert not reading.answered
    assert "`next` yields" in reading.problem


# --- login


async def test_a_login_is_sent_to_its_own_origin_and_never_shown(site: HttpSite):
    await read(http_source(site, token="t0p"))  # noqa: S106
    await read(http_source(site, username="gw", password="p:w"))  # noqa: S106
    await read(http_source(site, headers={"X-Api-Key": "k3y"}))

    sent = [asked.headers.get("authorization") for asked in site.asked]
    assert sent == ["Bearer t0p", f"Basic {base64.b64encode(b'gw:p:w').decode()}", None]
    assert site.asked[2].headers["x-api-key"] == "k3y"


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "token"), (403, "allow"), (404, "endpoint"), (429, "less often"), (500, "log"), (301, "log")],
)
async def test_a_refusal_says_what_to_do_and_no_secret(site: HttpSite, status: int, says: str):
    site.says["/things"] = Answer({"detail": "no"}, status, headers={"Retry-After": "120"})

    reading = await read(http_source(site, "/things?key=s3cret", token="t0p"))  # noqa: S106

    assert not reading.answered
    assert f"HTTP {status}" in reading.problem
    assert says in reading.hint
    assert ("come again after 120" in reading.problem) == (status == 429)
    assert not {"s3cret", "t0p"} & set(f"{reading.problem} {reading.hint}".replace("?", " ").replace("=", " ").split())


# --- limits


async def test_a_server_that_is_slow_has_not_answered(site: HttpSite):
    site.says["/things"] = Answer(b'[{"id": ', declared=100, hurry=False)
    began = time.monotonic()

    reading = await read(http_source(site, timeout="300ms"))

    assert not reading.answered
    assert "0.3 s" in reading.problem
    assert time.monotonic() - began < 10


async def test_pages_share_one_limit_of_time_and_one_of_size(site: HttpSite):
    page = [{"id": "x" * 400}]
    site.says["/things"] = lambda asked: Answer(
        page, headers={"Link": f'</things?page={int(asked.query.get("page", "1")) + 1}>; rel="next"'}
    )

    reading = await read(http_source(site, max_output=1000))

    assert "max_output (1000 bytes)" in reading.problem
    assert len(site.asked) == 3


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_packed_answer_is_unpacked_within_the_limit(
    site: HttpSite, coding: str, pack: Callable[[bytes], bytes]
):
    site.says["/things"] = Answer(pack(json.dumps(THINGS).encode()), headers={"Content-Encoding": coding})
    site.says["/bomb"] = Answer(pack(b" " * 50_000_000), headers={"Content-Encoding": coding})

    good = await read(http_source(site))
    bomb = await read(http_source(site, "/bomb", max_output=100_000))

    assert said(good) == THINGS
    assert "max_output" in bomb.problem


@pytest.mark.parametrize(("coding", "body"), [("br", b"x"), ("gzip", b"no gzip at all")])
async def test_an_answer_that_can_not_be_unpacked_is_none(site: HttpSite, coding: str, body: bytes):
    site.says["/things"] = Answer(body, headers={"Content-Encoding": coding})

    reading = await read(http_source(site))

    assert not reading.answered
    assert reading.hint


async def test_a_server_that_breaks_off_has_not_answered(site: HttpSite):
    site.says["/things"] = Answer(b'[{"id": 1}]', declared=1000, hurry=False)
    site.closing.set()

    reading = await read(http_source(site))

    assert not reading.answered
    assert "broke off" in reading.problem
    assert reading.messages == ()


async def test_an_oversized_message_is_set_aside_and_costs_no_other(site: HttpSite):
    site.says["/things"] = Answer([{"id": "x" * 500}, {"id": "b"}])

    reading = await read(http_source(site, max_payload=100))

    assert said(reading) == [{"id": "b"}]
    assert reading.malformed[0].size > 500


async def test_a_server_that_is_not_there_is_told_with_its_address():
    with http_site() as gone:
        port = gone.port

    reading = await read(http_source(HttpSite(port=port)))

    assert f"http://127.0.0.1:{port}/things can't be reached" in reading.problem
    assert "start the server" in reading.hint


# --- led astray


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "192.168.1.1", "172.16.0.1", "100.64.0.1", "169.254.169.254", "::1", "fd00::1",
     "fe80::1", "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
     "224.0.0.1", "255.255.255.255", "100.100.100.200"],
)  # fmt: skip
async def test_a_name_that_leads_into_a_private_network_is_not_followed(
    site: HttpSite, monkeypatch: pytest.MonkeyPatch, address: str
):
    names(monkeypatch, address)

    reading = await read(http_source(site, host="innocent.example"))

    assert not reading.answered
    assert f"leads to {address}" in reading.problem
    assert site.asked == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "fe80::1", "::ffff:169.254.169.254"])
async def test_credentials_of_the_machine_are_out_of_reach_whatever_the_owner_says(
    monkeypatch: pytest.MonkeyPatch, address: str
):
    names(monkeypatch, address)
    literal = f"[{address}]" if ":" in address else address

    for host in ("innocent.example", literal):
        reading = await read(http_source(HttpSite(port=80), host=host, private=True))

        assert "link-local" in reading.problem


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
async def test_what_the_owner_wrote_as_a_number_and_localhost_are_taken_at_their_word(site: HttpSite, host: str):
    reading = await read(http_source(site, host=host))

    assert said(reading) == THINGS


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1"])
async def test_numbers_that_only_a_resolver_understands_are_names(site: HttpSite, host: str):
    reading = await read(http_source(site, host=host))

    assert not reading.answered
    assert site.asked == []


async def test_localhost_must_be_this_machine(site: HttpSite, monkeypatch: pytest.MonkeyPatch):
    names(monkeypatch, "93.184.216.34")

    reading = await read(http_source(site, host="localhost", timeout="2s"))

    assert "not this machine" in reading.problem


async def test_the_address_that_was_checked_is_the_one_that_is_spoken_to(
    site: HttpSite, monkeypatch: pytest.MonkeyPatch
):
    asked = names(monkeypatch, "127.0.0.1", "127.0.0.99")
    site.says["/things"] = Answer(THINGS, headers={"Link": '</more>; rel="next"'})
    site.says["/more"] = Answer([])

    reading = await read(http_source(site, host="building.internal", private=True))

    assert said(reading) == THINGS
    assert asked == ["building.internal"]
    assert {one.headers["host"] for one in site.asked} == {f"building.internal:{site.port}"}


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest/meta-data", "http://127.0.0.1:1/things", "https://127.0.0.1/things", "//evil.example/x",
     "file:///etc/passwd", "ftp://127.0.0.1/x", "http://[bad"],
)  # fmt: skip
@pytest.mark.parametrize("by", ["a redirect", "a link", "next"])
async def test_nothing_leads_to_another_place(site: HttpSite, target: str, by: str):
    site.says["/things"] = {
        "a redirect": Answer(status=302, headers={"Location": target}),
        "a link": Answer({"items": THINGS}, headers={"Link": f'<{target}>; rel="next"'}),
        "next": Answer({"items": THINGS, "next": target}),
    }[by]

    reading = await read(http_source(site, records="items", next="next" if by == "next" else "", token="t0p"))  # noqa: S106

    assert not reading.answered
    assert "leads to" in reading.problem
    assert len(site.asked) == 1


async def test_a_redirect_within_the_origin_is_followed_but_not_for_ever(site: HttpSite):
    site.says["/old"] = Answer(status=308, headers={"Location": f"{site.url}/things"})
    site.says["/round"] = Answer(status=302, headers={"Location": "/round"})

    moved = await read(http_source(site, "/old"))
    round_and_round = await read(http_source(site, "/round"))

    assert said(moved) == THINGS
    assert "without an end" in round_and_round.problem


async def test_a_proxy_of_the_environment_is_not_used(site: HttpSite, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert (await read(http_source(site))).answered


# --- encrypted


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_an_encrypted_server_is_checked_against_its_authority(tmp_path: Path, host: str):
    authority, certificate, key = make_certificates(tmp_path / "tls")
    other, _, _ = make_certificates(tmp_path / "other")
    with http_site(tls=(certificate, key)) as site:
        site.says["/things"] = Answer(THINGS)
        good = await read(http_source(site, host=host, tls=ssl.create_default_context(cafile=authority)))
        bad = await read(http_source(site, host=host, tls=ssl.create_default_context(cafile=other)))

    assert said(good) == THINGS
    assert "certificate" in bad.problem.lower()


async def test_a_certificate_must_be_that_of_the_name_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    authority, certificate, key = make_certificates(tmp_path / "tls")
    names(monkeypatch, "127.0.0.1")
    with http_site(tls=(certificate, key)) as site:
        site.says["/things"] = Answer(THINGS)
        context = ssl.create_default_context(cafile=authority)

        reading = await read(http_source(site, host="other.example", private=True, tls=context))

    assert "other.example" in reading.problem
    assert "certificate" in reading.problem.lower()
    assert site.asked == []
