"""Files, commands, real brokers and the fake keep the contract of sources."""

# ruff: noqa: ARG002 - each kind of source needs only one of the two to be told or broken

import json
import sys
from typing import ClassVar

import pytest
import pytest_asyncio
from brokers import Amqtt, Mosquitto, held_back, needs_mosquitto, publisher, running
from contracts.source_contract import FIRST, NOW, SECOND, CompleteContract, DurableContract, SourceContract, said
from fakes.fake_source import FakeSource
from fakes.http_site import Answer, http_site
from live import http_source, mqtt_source

from graphtwin.model.configuration.twin_sources import Source
from graphtwin.sources.command import CommandSource
from graphtwin.sources.file import FileSource


def lines(payloads):
    return "".join(json.dumps(payload) + "\n" for payload in payloads)


class TestJsonLinesFile(CompleteContract):
    @pytest.fixture
    def source(self, tmp_path):
        (tmp_path / "s.jsonl").write_text(lines(FIRST))
        return FileSource("s", Source(type="file", path="s.jsonl"), tmp_path)

    def tell(self, source, tmp_path, payloads):
        with (tmp_path / "s.jsonl").open("a") as file:
            file.write(lines(payloads))

    def break_it(self, source, tmp_path):
        (tmp_path / "s.jsonl").unlink()


class TestJsonFile(CompleteContract):
    @pytest.fixture
    def source(self, tmp_path):
        (tmp_path / "s.json").write_text(json.dumps(FIRST, indent=2))
        return FileSource("s", Source(type="file", path="s.json"), tmp_path)

    def tell(self, source, tmp_path, payloads):
        held = json.loads((tmp_path / "s.json").read_text())
        (tmp_path / "s.json").write_text(json.dumps(held + payloads, indent=2))

    def break_it(self, source, tmp_path):
        (tmp_path / "s.json").unlink()
        (tmp_path / "s.json").mkdir()


class TestRosterFile(TestJsonLinesFile):
    @pytest.fixture
    def source(self, tmp_path):
        (tmp_path / "s.jsonl").write_text(lines(FIRST))
        return FileSource("s", Source(type="file", path="s.jsonl", roster=True), tmp_path)


class TestCommand(CompleteContract):
    @pytest.fixture
    def source(self, tmp_path):
        (tmp_path / "said.jsonl").write_text(lines(FIRST))
        (tmp_path / "say.py").write_text("import pathlib\nprint(pathlib.Path('said.jsonl').read_text())\n")
        return CommandSource("s", Source(type="command", command=(sys.executable, "-S", "say.py")), tmp_path)

    def tell(self, source, tmp_path, payloads):
        with (tmp_path / "said.jsonl").open("a") as file:
            file.write(lines(payloads))

    def break_it(self, source, tmp_path):
        (tmp_path / "said.jsonl").unlink()


class TestFake(CompleteContract):
    @pytest.fixture
    def source(self):
        return FakeSource("s", tuple(FIRST))

    def tell(self, source, tmp_path, payloads):
        source.payloads.extend(payloads)

    def break_it(self, source, tmp_path):
        source.broken = True


class TestHttp(CompleteContract):
    """A server that tags what it says."""

    @pytest.fixture
    def source(self):
        self.things = list(FIRST)
        with http_site() as site:
            self.site = site
            site.says["/things"] = self.page
            yield http_source(site)

    def page(self, asked):
        tag = f'"{len(self.things)}"'
        if asked.headers.get("if-none-match") == tag:
            return Answer(status=304, headers={"ETag": tag})
        return Answer(self.things, headers={"ETag": tag})

    def tell(self, source, tmp_path, payloads):
        self.things += payloads

    def break_it(self, source, tmp_path):
        self.site.says["/things"] = Answer({"detail": "out of order"}, 503)


class TestHttpPageByPage(TestHttp):
    """The same, one thing a page."""

    def page(self, asked):
        number = int(asked.query.get("page", "1"))
        more = {"Link": f'</things?page={number + 1}>; rel="next"'} if number < len(self.things) else {}
        return Answer(self.things[number - 1 : number], headers=more)


class BrokerContract(SourceContract):
    """Subclasses say which broker it is, and what is particular about the source."""

    FIELDS: ClassVar[dict[str, object]] = {}

    @pytest_asyncio.fixture
    async def source(self, broker):
        self.broker = broker
        source = mqtt_source(broker, **self.FIELDS)
        await source.read(None, full=False, now=NOW)  # opens the session, so that the broker keeps what comes
        await self.leave(source)
        self.tell(source, None, FIRST)
        yield source
        await source.close()

    async def leave(self, source):
        await source.close()

    def tell(self, source, tmp_path, payloads):
        with publisher(self.broker) as device:
            for payload in payloads:
                device.say("floor/things", payload)

    def break_it(self, source, tmp_path):
        self.broker.kill()


class TestMosquitto(BrokerContract, DurableContract):
    @pytest.fixture
    def broker(self, tmp_path):
        needs_mosquitto()
        with running(Mosquitto(tmp_path / "broker")) as broker:
            yield broker

    async def test_what_was_acknowledged_is_not_delivered_again_and_the_rest_is(self, source, tmp_path):
        first = await source.read(None, full=False, now=NOW)
        await source.acknowledge(first)
        self.tell(source, tmp_path, SECOND)
        second = await source.read(first.cursor, full=False, now=NOW)
        await source.close()

        kept = held_back(self.broker, "contract")

        assert said(second) == SECOND
        assert [json.loads(payload) for _, payload in kept] == SECOND

    async def test_a_session_that_only_listens_takes_nothing_from_the_durable_one(self, source):
        listener = mqtt_source(self.broker, client_id="listener", durable=False)

        heard = await listener.read(None, full=True, now=NOW)
        await listener.close()

        assert heard.answered
        assert said(await source.read(None, full=False, now=NOW)) == FIRST


class TestMosquittoInTheOlderProtocol(TestMosquitto):
    FIELDS: ClassVar[dict[str, object]] = {"protocol": "3.1.1"}


class TestAmqtt(BrokerContract):
    """It forgets what was delivered to a client that left without an acknowledgement: it keeps no more than the contract."""

    FIELDS: ClassVar[dict[str, object]] = {"protocol": "3.1.1"}

    async def leave(self, source):
        """Who comes back to it waits five seconds for each message that isn't acknowledged."""

    @pytest.fixture
    def broker(self, tmp_path):
        with running(Amqtt(tmp_path / "broker")) as broker:
            yield broker

    async def test_a_broker_that_does_not_know_the_newer_protocol_is_spoken_to_in_the_older_one(self, broker):
        source = mqtt_source(broker)

        first = await source.read(None, full=False, now=NOW)
        await source.close()

        assert first.answered
        assert first.cursor["protocol"] == "3.1.1"
