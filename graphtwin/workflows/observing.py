"""Looking at the world after an act, without committing what is seen: it becomes facts with the next sync (S32)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

from graphtwin.errors import GraphtwinError
from graphtwin.methods.acting.criteria import query_id
from graphtwin.methods.acting.told import asked_about, is_heard, told_since
from graphtwin.model.commit import Lease, RuleText
from graphtwin.model.durations import SECOND
from graphtwin.model.fact import TYPE, Fact
from graphtwin.model.plan import PlanStep
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
        since: int,
        lease: Callable[[], Lease | None] = lambda: None,
    ) -> None:
        """`since` (µs of the world's clock): what was observed before counts for nothing. `lease` is the one that whoever
        looks holds just then, if any: they would wait for themselves.
        """
        self._run = run
        self._context = context
        self._steps = steps
        self._since = since
        self._lease = lease
        self._facts: dict[str, Fact] = {}
        self._anchors: dict[str, None] = {}

    async def look(self) -> Seen:
        """What is known of the steps' entities by readings since the acts."""
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

    async def as_before(self, step: PlanStep) -> bool:
        """Whether everything that the step changed is reported as it was before it, by readings since."""
        if not step.before:
            return False
        try:
            told = (await self.look()).told.get(step.entity, {})
        except GraphtwinError:
            return False
        return all(name in told and told[name] == value for name, value in step.before.items())

    async def _asked(self, now: int) -> Seen:
        context, targets = self._context, sorted({step.entity for step in self._steps})
        texts = criterion_texts(self._steps)

        async def make(turn: Turn) -> Decision:  # noqa: ARG001 - what was read doesn't depend on the turn
            return Decision((), facts=tuple(self._facts.values()))

        async def look(transaction: Transaction) -> tuple[dict[str, Any], dict[str, frozenset[str]], frozenset[str]]:
            types = await transaction.winning_facts([(entity, TYPE) for entity in targets])
            told, heard = {}, set()
            for entity in targets:
                kind = str(types[entity, TYPE].value) if (entity, TYPE) in types else ""
                facts = await transaction.winning_facts(asked_about(entity, kind, context.policy))
                told[entity] = told_since(entity, kind, facts, context.policy, self._since)
                heard |= {entity} if is_heard(told[entity], kind, context.policy) else set()
            returned = {
                name: frozenset(str(row["subject"]) for row in await transaction.query_rows(text))
                for name, text in texts.items()
            }
            return told, returned, frozenset(heard)

        rehearsed = await rehearse(
            context.store, context.config, make, clock=context.clock, run=f"{self._run.id}:verify", rules=context.rules,
            look=look, within=_WITHIN, lease=self._lease(),
        )  # fmt: skip
        told, returned, heard = rehearsed.seen
        return Seen(now, told, returned, tuple(self._anchors)[:50], heard)
