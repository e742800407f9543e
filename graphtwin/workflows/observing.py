"""Looking at the world after an act, without committing what is seen: it becomes facts with the next sync (S32)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from graphtwin.errors import GraphtwinError
from graphtwin.methods.acting.criteria import Named, query_id
from graphtwin.methods.acting.told import told_since
from graphtwin.model.commit import Lease, RuleText
from graphtwin.model.durations import SECOND
from graphtwin.model.fact import Fact
from graphtwin.model.plan import PlanStep
from graphtwin.model.state import EntityState
from graphtwin.ports import Transaction
from graphtwin.steps.receive import receive
from graphtwin.steps.transform import transform
from graphtwin.steps.verify import Seen
from graphtwin.workflows.decide import Decision, Turn, rehearse
from graphtwin.workflows.run import Context, Run

LOOK_EVERY_S: Final = 0.5
_WITHIN: Final = 5 * SECOND


def criterion_text(cypher: str) -> RuleText:
    """A criterion's query, admitted as rules are."""
    return RuleText(f"criterion:{hashlib.sha256(cypher.encode()).hexdigest()[:12]}", cypher, kind="query")


def criterion_texts(steps: Sequence[PlanStep]) -> dict[str, RuleText]:
    """The queries of criteria, each once."""
    return {query_id(one): criterion_text(one.cypher) for step in steps for one in step.criteria if one.cypher}


class Observer:
    """Reads every source from its committed cursor, and asks the twin as it would be with what they say. Readings add up
    over several looks; nothing is acknowledged upstream.
    """

    def __init__(
        self,
        run: Run,
        context: Context,
        steps: Sequence[PlanStep],
        *,
        lease: Callable[[], Lease | None] = lambda: None,
    ) -> None:
        """`lease` is the one that whoever looks holds just then, if any: they would wait for themselves."""
        self._run = run
        self._context = context
        self._steps = steps
        self._lease = lease
        self._facts: dict[str, Fact] = {}
        self._anchors: dict[str, None] = {}

    async def look(self) -> Seen:
        """What is known by now of the steps' entities, and of all that their queries name."""
        context = self._context
        now = await context.world_now()
        cursors = await context.store.cursors(self._run.world)
        received = await receive(context.sources, cursors, full=False, now=await context.reading_now())
        read = transform(received.readings, context.config, run=f"{self._run.id}:verify", now=now)
        self._facts |= {fact.id: fact for fact in read.facts}
        self._anchors |= dict.fromkeys(event.anchor for event in read.events)
        newest = max((event.timestamp for event in read.events), default=now)
        now = max(now, newest) if context.config.world.clock == "events" else now
        return await self._asked(now)

    async def wait(self) -> None:
        """Between two looks."""
        await asyncio.sleep(LOOK_EVERY_S)

    async def as_before(self, step: PlanStep, *, since: int) -> bool:
        """Whether everything that the step changed is reported as it was before it, by readings since (µs)."""
        if not step.before:
            return False
        try:
            entity = (await self.look()).entities.get(step.entity)
        except GraphtwinError:
            return False
        told = told_since(entity, self._context.policy, since) if entity else {}
        return all(name in told and told[name] == value for name, value in step.before.items())

    async def _asked(self, now: int) -> Seen:
        context, targets = self._context, {step.entity for step in self._steps}
        texts = criterion_texts(self._steps)

        async def make(turn: Turn) -> Decision:  # noqa: ARG001 - what was read doesn't depend on the turn
            return Decision((), facts=tuple(self._facts.values()))

        async def look(transaction: Transaction) -> tuple[Mapping[str, EntityState], Named]:
            returned = {name: _named(await transaction.query_rows(text), targets) for name, text in texts.items()}
            named = {one for found in returned.values() for beside in found.values() for one in beside}
            return await transaction.entities(targets | named), returned

        rehearsed = await rehearse(
            context.store, context.config, make, clock=context.clock, run=f"{self._run.id}:verify", rules=context.rules,
            look=look, within=_WITHIN, lease=self._lease(),
        )  # fmt: skip
        entities, returned = rehearsed.seen
        known = {
            query: {subject: beside & entities.keys() for subject, beside in found.items()}
            for query, found in returned.items()
        }
        return Seen(now, entities, known, tuple(self._anchors)[:50])


def _named(rows: Iterable[Mapping[str, Any]], targets: Collection[str]) -> dict[str, frozenset[str]]:
    """The targets that a query returned, each with every text in its rows: it may be the id of an entity."""
    found: dict[str, frozenset[str]] = {}
    for row in rows:
        subject = str(row["subject"])
        if subject in targets:
            found[subject] = found.get(subject, frozenset()) | frozenset(_texts(list(row.values())))
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
