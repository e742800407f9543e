"""receive: all sources at once, and one that fails loses no other."""

import asyncio

from graphtwin.ports import Message, Reading
from graphtwin.steps.receive import receive

NOW = 1_769_860_800_000_000


class Saying:
    """A source that says what it is given to say."""

    def __init__(self, name, reading=None, error=None, after=0.0):
        self.name = name
        self.asked = []
        self._reading, self._error, self._after = reading, error, after

    async def read(self, cursor, *, full, now):
        self.asked.append((cursor, full, now))
        await asyncio.sleep(self._after)
        if self._error:
            raise self._error
        return self._reading


def said(name, count=1):
    messages = tuple(Message(b"{}", {}, f"{name}:{n}", f"g0@{n}") for n in range(count))
    return Reading(name, answered=True, read_at=NOW, messages=messages, cursor={"n": count})


async def test_readings_come_by_the_names_of_their_sources_whoever_is_first():
    sources = [Saying("c", said("c")), Saying("a", said("a", 2), after=0.02), Saying("b", said("b"), after=0.01)]

    out = await receive(sources, {}, full=False, now=NOW)

    assert [reading.source for reading in out.readings] == ["a", "b", "c"]
    assert out.messages == 4
    assert out.anchors == ("tool:receive:a", "tool:receive:b", "tool:receive:c")


async def test_a_source_that_breaks_loses_no_other():
    silent = Reading("silent", answered=False, read_at=NOW, problem="gone", hint="bring it back")
    sources = [Saying("broken", error=RuntimeError("ouch")), Saying("good", said("good")), Saying("silent", silent)]

    out = await receive(sources, {}, full=False, now=NOW)

    assert out.answered == {"broken": False, "good": True, "silent": False}
    assert out.cursors == {"good": {"n": 1}}
    assert "RuntimeError: ouch" in out.problems["broken"]
    assert out.problems["silent"] == "gone; bring it back"


async def test_each_source_is_read_from_its_own_cursor():
    one, other = Saying("one", said("one")), Saying("other", said("other"))

    await receive([one, other], {"one": {"n": 5}}, full=True, now=NOW)

    assert one.asked == [({"n": 5}, True, NOW)]
    assert other.asked == [(None, True, NOW)]


async def test_progress_hears_each_reading_as_it_comes():
    heard = []
    sources = [Saying("slow", said("slow"), after=0.05), Saying("quick", said("quick"))]

    await receive(sources, {}, full=False, now=NOW, on_progress=lambda reading: heard.append(reading.source))

    assert heard == ["quick", "slow"]


async def test_hundreds_of_sources_are_read():
    sources = [Saying(f"s{n:03}", said(f"s{n:03}")) for n in range(300)]

    out = await receive(sources, {}, full=False, now=NOW)

    assert out.messages == 300
