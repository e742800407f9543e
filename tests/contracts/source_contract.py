"""What every source of signals promises, whatever it reads."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from graphtwin.ports import Reading, SignalSource

NOW = 1_769_860_800_000_000
FIRST = [{"id": "a", "n": 1}, {"id": "b", "n": 2}]
SECOND = [{"id": "c", "n": 3}]


def said(reading: Reading) -> list[object]:
    """What the messages of a reading say, in their order."""
    return [json.loads(message.raw) for message in reading.messages]


class SourceContract(ABC):
    """Subclasses say how a source of theirs is made, told more, and broken."""

    @pytest.fixture
    @abstractmethod
    def source(self, tmp_path: Path) -> SignalSource:
        """A source named "s" that holds the payloads of FIRST."""

    @abstractmethod
    def tell(self, source: SignalSource, tmp_path: Path, payloads: list[dict[str, object]]) -> None:
        """Let the source hold these payloads beside what it holds."""

    @abstractmethod
    def break_it(self, source: SignalSource, tmp_path: Path) -> None:
        """From now on the source can't be read."""

    async def test_it_bears_its_name(self, source):
        reading = await source.read(None, full=False, now=NOW)

        assert source.name == reading.source == "s"

    async def test_the_first_reading_brings_all_it_holds_in_its_order(self, source):
        reading = await source.read(None, full=False, now=NOW)

        assert reading.answered
        assert said(reading) == FIRST
        assert reading.read_at == NOW
        assert reading.problem == ""

    async def test_each_message_has_its_raw_bytes_a_place_and_a_locus_of_its_own(self, source):
        reading = await source.read(None, full=False, now=NOW)

        assert [{**json.loads(message.raw), **message.payload} for message in reading.messages] == [
            message.payload for message in reading.messages
        ]
        assert all(message.place for message in reading.messages)
        assert len({message.locus for message in reading.messages}) == len(FIRST)

    async def test_positions_grow_with_the_messages(self, source, tmp_path):
        first = await source.read(None, full=False, now=NOW)
        self.tell(source, tmp_path, SECOND)
        second = await source.read(first.cursor, full=False, now=NOW)

        new = [message for message in second.messages if json.loads(message.raw) in SECOND]
        positions = [message.position for message in (*first.messages, *new)]
        assert None not in positions
        assert positions == sorted(set(positions))

    async def test_an_uncommitted_reading_is_brought_again_with_the_same_loci(self, source):
        once = await source.read(None, full=False, now=NOW)
        again = await source.read(None, full=False, now=NOW + 1)

        assert once.messages == again.messages
        assert once.cursor == again.cursor

    async def test_what_came_later_is_brought_by_the_next_reading(self, source, tmp_path):
        first = await source.read(None, full=False, now=NOW)
        self.tell(source, tmp_path, SECOND)

        second = await source.read(first.cursor, full=False, now=NOW)

        known = {message.locus for message in first.messages}
        fresh = [message for message in second.messages if message.locus not in known]
        assert SECOND[0] in [json.loads(message.raw) for message in fresh]

    async def test_cursors_are_json_and_survive_it(self, source, tmp_path):
        first = await source.read(None, full=False, now=NOW)
        self.tell(source, tmp_path, SECOND)
        stored = json.loads(json.dumps(first.cursor))

        assert await source.read(stored, full=False, now=NOW) == await source.read(first.cursor, full=False, now=NOW)

    async def test_a_broken_source_answers_with_the_problem_and_the_next_move(self, source, tmp_path):
        first = await source.read(None, full=False, now=NOW)
        self.break_it(source, tmp_path)

        reading = await source.read(first.cursor, full=False, now=NOW)

        assert not reading.answered
        assert not reading.complete
        assert reading.messages == ()
        assert reading.cursor == first.cursor
        assert reading.problem
        assert reading.hint

    async def test_each_reading_counts(self, source):
        first = await source.read(None, full=False, now=NOW)
        second = await source.read(first.cursor, full=False, now=NOW)

        assert second.cursor["reading"] == first.cursor["reading"] + 1

    async def test_a_source_that_was_acknowledged_and_closed_can_be_read_on(self, source, tmp_path):
        first = await source.read(None, full=False, now=NOW)
        await source.acknowledge(first)
        await source.close()
        self.tell(source, tmp_path, SECOND)

        second = await source.read(first.cursor, full=False, now=NOW)

        assert second.answered
        assert said(second)[-1:] == SECOND

    async def test_what_is_acknowledged_twice_or_to_a_closed_or_broken_source_is_harmless(self, source, tmp_path):
        first = await source.read(None, full=False, now=NOW)
        self.break_it(source, tmp_path)

        await source.acknowledge(first)
        await source.acknowledge(first)
        await source.close()
        await source.acknowledge(first)
        await source.close()


class DurableContract(SourceContract):
    """What a source promises that loses nothing to a process that ends before the commit."""

    async def test_what_was_not_acknowledged_before_it_is_closed_is_brought_again_with_the_same_loci(self, source):
        once = await source.read(None, full=False, now=NOW)
        await source.close()

        again = await source.read(None, full=False, now=NOW)

        assert [(one.raw, one.locus, one.place, one.position) for one in once.messages] == [
            (one.raw, one.locus, one.place, one.position) for one in again.messages
        ]
        assert once.cursor == again.cursor


class CompleteContract(DurableContract):
    """What a source promises that can be read whole, as rosters are."""

    async def test_the_first_reading_is_complete(self, source):
        reading = await source.read(None, full=False, now=NOW)

        assert reading.complete

    async def test_a_full_reading_is_complete(self, source, tmp_path):
        first = await source.read(None, full=False, now=NOW)
        self.tell(source, tmp_path, SECOND)

        full = await source.read(first.cursor, full=True, now=NOW)

        assert full.complete
        assert said(full) == FIRST + SECOND
