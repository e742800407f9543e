"""Brokers of MQTT as sources: a durable session that is drained, and acknowledged only after the commit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from graphtwin.model.configuration.twin_sources import Source
from graphtwin.model.durations import SECOND
from graphtwin.ports import Reading
from graphtwin.sources.messages import Haul, records_of
from graphtwin.sources.mqtt_payload import heard_status, take_delivery
from graphtwin.wire.mqtt_session import MOST_IN_FLIGHT, Delivery, MqttAddress, MqttSession, SessionTerms
from graphtwin.wire.no_connection import NoConnection

_LOST: Final = "the connection was lost while it was read"


class MqttSource:
    """What a broker holds for this source. It connects with its first reading, and stays connected until it is closed.

    A session that isn't `durable` only listens: it hears retained messages and what is said meanwhile, and takes nothing
    from the durable one.
    """

    def __init__(
        self, name: str, source: Source, address: MqttAddress, *, topics: Sequence[str], client_id: str, durable: bool
    ) -> None:
        self._name = name
        self._source = source
        self._address = address
        self._client_id = client_id
        self._durable = durable
        self._records = records_of(name, source)
        self._topics = tuple(topics)
        self._most = min(source.max_messages, MOST_IN_FLIGHT)
        self._session: MqttSession | None = None
        self._entered = False
        self._subscribed = False
        self._forgotten = False
        """The broker had forgotten the session when it was entered."""
        self._waiting: list[Delivery] = []
        """What was delivered and isn't acknowledged, in its order; its packets' numbers are in `_numbers`."""
        self._numbers: set[int] = set()
        self._cut = False
        """The last reading ended by its time, not in a silence: more may have been under way."""
        self._last: tuple[Reading, int] | None = None
        """The last reading, and how many of those that wait are in it."""

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        return self._name

    async def read(self, cursor: Mapping[str, Any] | None, *, full: bool, now: int) -> Reading:
        """What was delivered since it was last acknowledged; `full` asks for the retained messages once more. It ends when
        it has been quiet for a while, after some time in any case, or with the greatest batch. Never raises.
        """
        before = cursor or {}
        try:
            session = await self._listening(before, full=full)
            lost = await self._drain(session)
        except NoConnection as error:
            return Reading(
                self._name, answered=False, read_at=now, cursor=dict(before), problem=error.problem, hint=error.hint
            )
        number = int(before.get("reading", 0)) + 1
        taken = self._waiting[: self._most]
        overfull = len(self._waiting) >= self._most or session.overflowed
        haul, gone = self._messages(taken, number)
        problem, hint = self._told(lost, overfull=overfull)
        reading = Reading(
            self._name, answered=True, read_at=now, messages=tuple(haul.messages), malformed=tuple(haul.malformed),
            cursor={"reading": number, "topics": list(self._topics), "protocol": session.protocol},
            problem=problem, hint=hint, gone=gone, more=overfull or self._cut,
        )  # fmt: skip
        self._last = (reading, len(taken))
        return reading

    async def acknowledge(self, reading: Reading) -> None:
        """The broker may forget what is in the last reading. Where it can't be told it delivers it again."""
        if self._session is None or self._last is None or self._last[0] is not reading:
            return
        done, self._waiting = self._waiting[: self._last[1]], self._waiting[self._last[1] :]
        self._numbers -= {one.mid for one in done}
        self._last = None
        try:
            await self._session.acknowledge(done)
        except NoConnection:
            await self.close()

    async def close(self) -> None:
        """Leave the broker; what wasn't acknowledged waits there."""
        session, self._session, self._entered = self._session, None, False
        self._waiting, self._numbers, self._last = [], set(), None
        if session is not None:
            await session.close()

    async def _listening(self, before: Mapping[str, Any], *, full: bool) -> MqttSession:
        """The session, connected and subscribed. Raises NoConnection."""
        if self._session is not None and (not self._entered or self._session.lost or self._session.overflowed):
            await self.close()
        session = self._session = self._session or MqttSession(self._address, self._terms(before))
        try:
            if not self._entered:
                await self._enter(session, [str(topic) for topic in before.get("topics", ())])
                self._entered = True
            if full or not self._subscribed:
                await session.subscribe(self._topics)
                self._subscribed = True
        except NoConnection:
            await self.close()
            raise
        return session

    def _terms(self, before: Mapping[str, Any]) -> SessionTerms:
        source = self._source
        spoken = str(before.get("protocol", source.protocol))
        return SessionTerms(
            client_id=self._client_id, durable=self._durable,
            protocol=spoken if source.protocol == "auto" else source.protocol,
            expiry=max(1, source.session_expiry // SECOND), timeout=source.timeout / SECOND,
            most=self._most, most_bytes=source.max_output, max_payload=source.max_payload,
        )  # fmt: skip

    async def _enter(self, session: MqttSession, earlier: Sequence[str]) -> None:
        """Connect. Where the broker still knows the session as it was last committed, with the `earlier` topics, it needn't
        be asked for them again: that would bring every retained message anew.
        """
        present = await session.open()
        self._forgotten = self._durable and not present and bool(earlier)
        self._subscribed = present and tuple(earlier) == self._topics
        if present and not self._subscribed:
            await session.unsubscribe([topic for topic in earlier if topic not in self._topics])

    async def _drain(self, session: MqttSession) -> str:
        """Collect what is delivered; answers why the connection was lost on the way, or "". It is quiet only once the broker
        has answered: before that its words may be under way. Raises NoConnection where nothing came before it was lost:
        what came earlier comes again.
        """
        clock, before, self._cut = asyncio.get_running_loop(), len(self._waiting), False
        end = clock.time() + self._source.drain / SECOND
        answer = asyncio.create_task(session.settle())
        try:
            while len(self._waiting) < self._most:
                seconds = min(self._source.quiet / SECOND, end - clock.time())
                delivery = await session.next(seconds) if seconds > 0 else None
                if delivery is not None:
                    self._keep(delivery)
                elif session.lost or seconds <= 0 or answer.done():
                    self._cut = clock.time() >= end
                    break
        finally:
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)
        if session.lost and len(self._waiting) == before:
            raise NoConnection(f"{self._address.shown}: {_LOST}: {session.lost}", "look at the broker's log")
        return session.lost

    def _keep(self, delivery: Delivery) -> None:
        """Some brokers repeat over one connection what isn't acknowledged soon: that is left out."""
        if delivery.qos and delivery.duplicate and delivery.mid in self._numbers:
            return
        self._waiting.append(delivery)
        self._numbers |= {delivery.mid} if delivery.qos else set()

    def _told(self, lost: str, *, overfull: bool) -> tuple[str, str]:
        """What is wrong with a reading that answered, and the next move."""
        forgotten, self._forgotten = self._forgotten, False
        if lost:
            return f"{_LOST}: {lost}; what had come is kept", "look at the broker's log"
        if forgotten:
            return (
                "the broker had forgotten its session: what came since the last reading may be lost",
                "sync more often, raise session_expiry of the source, or let the broker keep its sessions on disk",
            )
        if overfull:
            return (
                f"it holds as much as one reading takes ({self._most} messages), or more; the next goes on",
                "sync more often, or raise max_messages and max_output of the source",
            )
        return "", ""

    def _messages(self, taken: Sequence[Delivery], number: int) -> tuple[Haul, bool | None]:
        """What the deliveries say, and what the source's own status said last."""
        haul, gone = Haul(), None
        for delivery in taken:
            if delivery.topic == self._source.will_topic:
                said = heard_status(delivery, number, self._source.will_payload, haul)
                gone = gone if said is None else said
            else:
                take_delivery(delivery, number, self._records, haul)
        return haul, gone
