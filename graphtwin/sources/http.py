"""HTTP servers as sources (`http` and `api` are the same): asked page by page, and only for what has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import httpx

from graphtwin.methods.reading.expression import compile_expression
from graphtwin.methods.reading.refusal import Refusal, short
from graphtwin.methods.reading.strict_json import parse_json
from graphtwin.model.configuration.twin_sources import Source
from graphtwin.ports import Reading
from graphtwin.sources.file_lines import Limits
from graphtwin.sources.http_page import take_page
from graphtwin.sources.messages import Haul, records_of, text_of
from graphtwin.sources.pulled import Pulled
from graphtwin.wire.http_visit import HttpPlace, HttpVisit, Page, visit
from graphtwin.wire.no_connection import NoConnection

_SENT_BACK: Final = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
"""Headers of a page that are remembered, and as what they are sent back."""


class HttpSource(Pulled):
    """One address, and the pages that follow it on the same origin. All of them count, or none.

    "Not modified" is an answer; a roster and a full reading ask for everything, and a source with a cadence for a full
    answer at least once in that time, so that an unchanged value is heard of again.
    """

    def __init__(self, name: str, source: Source, place: HttpPlace) -> None:
        self._name = name
        self._source = source
        self._place = place
        self._records = records_of(name, source)
        self._next = compile_expression(source.next, f"sources.{name}.next") if source.next else None
        self._asked = hashlib.sha256(source.endpoint.encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """The name in twin.yaml."""
        return self._name

    async def read(self, cursor: Mapping[str, Any] | None, *, full: bool, now: int) -> Reading:
        """What the server says now, unless it says that nothing has changed. Never raises: a problem is in the answer."""
        before = dict(cursor or {})
        number = int(before.get("reading", 0)) + 1
        since = {} if full or self._source.roster else self._since(before, now)
        try:
            async with visit(self._place) as there:
                return await self._visited(there, before, since, number, now)
        except NoConnection as error:
            problem, hint = error.problem, error.hint
        except Refusal as refusal:
            problem, hint = f"{self._place.endpoint.shown}: {refusal.reason}", refusal.hint
        return Reading(self._name, answered=False, read_at=now, cursor=before, problem=problem, hint=hint)

    def _since(self, before: Mapping[str, Any], now: int) -> dict[str, str]:
        """The headers that ask for changes only; none where everything is wanted."""
        cadence = self._source.cadence
        due = cadence is not None and now - int(before.get("heard_at", 0)) >= cadence
        if due or before.get("asked") != self._asked:
            return {}
        return {sent: str(before[header]) for header, sent in _SENT_BACK.items() if header in before}

    async def _visited(
        self, there: HttpVisit, before: dict[str, Any], since: Mapping[str, str], number: int, now: int
    ) -> Reading:
        """Raises NoConnection, Refusal."""
        haul, pages, url, more = Haul(), 0, there.start, False
        first: Page | None = None
        seen: set[httpx.URL] = set()
        following: httpx.URL | None = self._numbered(url, 1) if self._source.page_parameter and not self._next else url
        while following is not None and pages < self._source.max_pages and not more:
            url, pages = following, pages + 1
            if url in seen:
                raise NoConnection(f"{self._place.endpoint.shown}: its pages lead in a circle", "look at its links")
            seen.add(url)
            page = await there.get(url, since if pages == 1 else None)
            if not page.changed:
                return Reading(self._name, answered=True, read_at=now, cursor={**before, "reading": number})
            first = first or page
            had = len(haul)
            more = take_page(page, self._limits(number, pages, had), number, self._source, haul)
            following = self._following(there, page, pages, said=len(haul) > had)
        problem, hint = self._left_over(more=more, pages=following is not None)
        return Reading(
            self._name, answered=True, read_at=now, messages=tuple(haul.messages), malformed=tuple(haul.malformed),
            cursor=self._cursor(number, first if pages == 1 and not problem else None, now), complete=not problem,
            problem=problem, hint=hint, more=bool(problem),
        )  # fmt: skip

    def _limits(self, number: int, page: int, had: int) -> Limits:
        place = f"{self._name}#{number}" + (f"/{page}" if page > 1 else "")
        left = self._source.max_messages - had
        return Limits(place, self._source.max_payload, left, self._records, roster=True, whole=True)

    def _following(self, there: HttpVisit, page: Page, pages: int, *, said: bool) -> httpx.URL | None:
        """The next page's address: as `next` or `page_parameter` have it, else as the page links it; None for the last."""
        parameter = self._source.page_parameter
        if self._next is not None:
            found = self._next(parse_json(text_of(page.body))) if page.body.strip() else None
            if found in (None, "", False):
                return None
            if isinstance(found, bool | dict | list | float):
                raise Refusal(f"`next` yields {short(found)}", "let it yield an address, or the name of a page")
            return there.start.copy_set_param(parameter, str(found)) if parameter else there.next_page(page, str(found))
        if parameter:
            return self._numbered(there.start, pages + 1) if said else None
        return there.next_page(page, page.next_link) if page.next_link else None

    def _numbered(self, url: httpx.URL, page: int) -> httpx.URL:
        return url.copy_set_param(self._source.page_parameter, str(page))

    def _left_over(self, *, more: bool, pages: bool) -> tuple[str, str]:
        """What a reading that answered left unread."""
        if more:
            return (
                f"it said more than {self._source.max_messages} messages; the rest wasn't read",
                "raise max_messages of the source",
            )
        if pages:
            return (
                f"it has more than {self._source.max_pages} pages; the rest wasn't read",
                "raise max_pages of the source",
            )
        return "", ""

    def _cursor(self, number: int, only: Page | None, now: int) -> dict[str, Any]:
        """The next reading's beginning. Only where there was a single page does its tag speak for everything."""
        cursor: dict[str, Any] = {"reading": number}
        tags = {header: only.headers[header] for header in _SENT_BACK if header in only.headers} if only else {}
        if tags:
            cursor |= {"asked": self._asked, **tags}
        if tags and self._source.cadence is not None:
            cursor["heard_at"] = now
        return cursor
