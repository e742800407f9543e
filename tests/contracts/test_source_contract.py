"""Files, commands and the fake keep the contract of sources."""

# ruff: noqa: ARG002 - each kind of source needs only one of the two to be told or broken

import json
import sys

import pytest
from contracts.source_contract import FIRST, SourceContract
from fakes.fake_source import FakeSource

from graphtwin.model.configuration.twin_sources import Source
from graphtwin.sources.command import CommandSource
from graphtwin.sources.file import FileSource


def lines(payloads):
    return "".join(json.dumps(payload) + "\n" for payload in payloads)


class TestJsonLinesFile(SourceContract):
    @pytest.fixture
    def source(self, tmp_path):
        (tmp_path / "s.jsonl").write_text(lines(FIRST))
        return FileSource("s", Source(type="file", path="s.jsonl"), tmp_path)

    def tell(self, source, tmp_path, payloads):
        with (tmp_path / "s.jsonl").open("a") as file:
            file.write(lines(payloads))

    def break_it(self, source, tmp_path):
        (tmp_path / "s.jsonl").unlink()


class TestJsonFile(SourceContract):
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


class TestCommand(SourceContract):
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


class TestFake(SourceContract):
    @pytest.fixture
    def source(self):
        return FakeSource("s", tuple(FIRST))

    def tell(self, source, tmp_path, payloads):
        source.payloads.extend(payloads)

    def break_it(self, source, tmp_path):
        source.broken = True
