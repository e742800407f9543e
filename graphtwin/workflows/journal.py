"""The journal of acts: the intent of each is a commit of its own before anything goes out, its outcome one after (S30, S31)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from graphtwin.errors import CommitUnknown, GateClosed, GraphtwinError, LeaseLost
from graphtwin.methods.state.policy import PLAN
from graphtwin.model.acting import ActRecord, Freeze, Kept, PlanRecord
from graphtwin.model.commit import AuditEntry, Lease
from graphtwin.model.durations import MINUTE, SECOND
from graphtwin.model.fact import Fact, decision
from graphtwin.model.plan import Clearance, Covers, Plan, PlanStep
from graphtwin.model.principal import SERVICE, active_principal
from graphtwin.ports import ActAnswer
from graphtwin.workflows.decide import Decision, Turn, decide
from graphtwin.workflows.lease import URGENT_POLL_S, give_back, take_lease
from graphtwin.workflows.run import Context, Phase
from graphtwin.workflows.what_if import membership

MARGIN: Final = 10 * SECOND
"""What the lease lasts beyond the longest that an actuator may take: the outcome is kept under it, too."""
ACTING_FOR: Final = 5 * MINUTE
"""How long the acts of a plan may take together, as the catalogue says of act-plan: one that wouldn't end by then isn't begun."""
_BETWEEN_ACTS_S: Final = 3 * URGENT_POLL_S
ALIVE_FOR: Final = 15 * SECOND
"""How long a sign of life counts; whoever carries a plan out renews it at every look."""


def act_id(world: str, plan: str, place: int, covers: Covers) -> str:
    """The idempotency key of an act: a plan's step is one act, whoever carries it out, however often."""
    text = f"{world}\x1f{plan}\x1f{place}\x1f{covers}"
    return f"act-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


class Journal:
    """A ports.ActJournal in the store of a context. `acting` names what is wanted by these acts: their facts carry it as
    their run, and every commit's key begins with it. `left` ends the lease.
    """

    def __init__(self, context: Context, record: PlanRecord, acting: str, types: Mapping[str, str]) -> None:
        """`types` are those of the plan's targets."""
        self._types = types
        self._context = context
        self._record = record
        self._acting = acting
        self._lease: Lease | None = None
        self._intended = False
        self._begun = context.clock.now()

    @property
    def record(self) -> PlanRecord:
        """The plan's record as it was kept last."""
        return self._record

    @property
    def lease(self) -> Lease | None:
        """The lease that it holds now: from an intent until `leave`."""
        return self._lease

    async def intend(self, clearance: Clearance, place: int) -> ActRecord:
        """Commit the intent: desired facts for an act, none for a compensation."""
        self._tell("intend", "start")
        step, covers = clearance.plan.steps[place], clearance.covers
        lease = await self._hold(step, covers)
        ident = act_id(clearance.plan.world, clearance.plan.id, place, covers)
        known = {act.id: act for act in await self._context.store.acts(clearance.plan.world, plan=clearance.plan.id)}
        at = await self._context.world_now()

        async def make(turn: Turn) -> Decision:
            await self._may_intend(turn, clearance, ident in known)
            act = self._act(ident, clearance, place, step, lease, max(at, turn.now))
            record = replace(
                self._record,
                status="executing",
                updated_at=turn.now,
                restore_point=clearance.restore_point.name,
                holder=self._context.holder,
                alive_until=turn.at + ALIVE_FOR,
            )
            facts = self._wanted(step, turn) if covers == "act" else ()
            entry = AuditEntry("act", turn.at, self._acting, _told(act, clearance))
            return Decision((entry,), facts=tuple(facts), kept=Kept(plans=(record,), acts=(act,)), told=(act, record))

        if ident in known and (covers == "act" or known[ident].outcome == "done"):
            if covers == "act":
                raise GateClosed(f"The act {ident} was intended before, and goes out once at most")
            return known[ident]
        try:
            decided = await self._decide(make, f"{self._acting}:{covers}:{place}:{lease.epoch}", lease)
        except CommitUnknown:
            return await self._look_up(ident, lease)
        act: ActRecord = decided.decision.told[0]
        self._record, self._intended = decided.decision.told[1], True
        self._tell("intend", "end")
        # A compensation that was intended before may have gone out then: what came of it isn't known.
        return replace(act, outcome="unknown") if ident in known else act

    async def conclude(self, intent: ActRecord, answer: ActAnswer) -> ActRecord:
        """Keep the outcome, as far as that can be done."""
        self._tell("conclude", "start")

        async def make(turn: Turn) -> Decision:
            act = replace(intent, outcome=answer.outcome, answered_at=turn.now, answer=answer.text)
            entry = AuditEntry(
                "act_outcome", turn.at, self._acting, {"act": act.id, "outcome": act.outcome, "answer": act.answer}
            )
            return Decision((entry,), kept=Kept(acts=(act,)), told=act)

        try:
            decided = await self._decide(make, f"{self._acting}:outcome:{intent.id}", self._lease)
        except GraphtwinError:
            # What the other side said is known here all the same; in the store the intent counts as unknown.
            return replace(intent, outcome=answer.outcome, answer=answer.text)
        self._tell("conclude", "end")
        act: ActRecord = decided.decision.told
        return act

    async def settle(self, record: PlanRecord, entry: AuditEntry) -> PlanRecord:
        """Keep how a plan ended, with the record that says so. One that could be neither verified nor taken back freezes the
        world: nothing else acts before a person has looked.
        """

        async def make(turn: Turn) -> Decision:
            await self._must_be_ours(turn)
            kept = Kept(plans=(replace(record, updated_at=turn.now),))
            if record.status != "failed":
                return Decision((entry,), kept=kept)
            why = f"plan {record.id} couldn't be taken back whole"
            frozen = AuditEntry("freeze", turn.at, self._acting, {"principal": SERVICE, "reason": why})
            return Decision((entry, frozen), kept=replace(kept, freeze=Freeze(SERVICE, turn.at, why)))

        await self._decide(make, f"{self._acting}:settle:{record.status}", self._lease)
        self._record = record
        return record

    async def _must_be_ours(self, turn: Turn) -> None:
        """Raises LeaseLost where another process has taken the plan over: how it ends is said there."""
        if self._record.status != "executing":
            return
        held = await self._context.store.plan(turn.head.world, self._record.id)
        if (held.status, held.holder) != ("executing", self._record.holder):
            raise LeaseLost(
                f"Plan {held.id} was brought to its end by another process.", hint=f"graphtwin plan show {held.id}"
            )

    async def take_over(self) -> None:
        """Say that from now on this process brings the plan to its end. Raises GateClosed where another one was faster."""
        wanted = self._record

        async def make(turn: Turn) -> Decision:
            held = await self._context.store.plan(turn.head.world, wanted.id)
            if held.status != "executing" or (held.holder != wanted.holder and self._lives(held, turn.at)):
                raise GateClosed(f"Plan {wanted.id} is brought to its end by another process already")
            entry = plan_entry(wanted, wanted.plan, at=turn.at, kind="plan_resumed")
            return Decision((entry,), kept=Kept(plans=(wanted,)))

        # The one that died held the lease in this very name, so that nobody has to wait until it runs out.
        self._lease = await take_lease(self._context.store, self._context.config.world.id, self._acting)
        try:
            await self._decide(make, f"{self._acting}:resume:{wanted.alive_until}", self._lease)
        finally:
            await self.leave()

    def _lives(self, held: PlanRecord, now: int) -> bool:
        return self._context.lives(held.holder, held.alive_until, now)

    async def leave(self) -> None:
        """Let others write."""
        if self._lease is not None:
            await give_back(self._context.store, self._lease)
            self._lease = None

    async def _hold(self, step: PlanStep, covers: Covers) -> Lease:
        """The lease, new for each act, so that it outlasts it; between two acts whoever freezes the world gets in."""
        actuator = self._context.config.actuators.get(step.actuator)
        if actuator is None:
            raise GateClosed(
                f"The actuator {step.actuator} isn't declared any more", hint="declare it in twin.yaml and apply that"
            )
        over = self._context.clock.now() + actuator.timeout > self._begun + ACTING_FOR
        if over and covers == "act" and self._intended:
            raise GateClosed("The time for acting is over: what is left of the plan isn't begun")
        if self._lease is not None:
            await self.leave()
            await asyncio.sleep(_BETWEEN_ACTS_S)
        self._lease = await take_lease(
            self._context.store, self._context.config.world.id, self._acting, ttl=actuator.timeout + MARGIN
        )
        return self._lease

    async def _may_intend(self, turn: Turn, clearance: Clearance, known: bool) -> None:
        """Raises GateClosed. The first act stands on the very version that was checked and named as restore point, and on
        what persons decided until now; a way back is open in a frozen world, too.
        """
        if clearance.covers == "compensation":
            return
        await self._must_stand(turn, clearance)
        if frozen := await self._context.store.freeze(turn.head.world):
            raise GateClosed(f"{frozen.by} froze the world: {frozen.reason or 'no reason is given'}")
        if known:
            raise GateClosed(f"A step of plan {clearance.plan.id} was intended before, and goes out once at most")
        if not self._intended and turn.head.seq != clearance.restore_point.seq:
            raise GateClosed(
                f"The world is at {turn.head.version}, and plan {clearance.plan.id} was checked at "
                f"{clearance.restore_point.name}: another commit came between",
                hint="sync again: it is checked anew",
            )

    async def _must_stand(self, turn: Turn, clearance: Clearance) -> None:
        """Raises GateClosed where the plan, its approver or another plan isn't any more what it was when it was cleared:
        such decisions make no version that would tell of them.
        """
        store, world, plan = self._context.store, turn.head.world, clearance.plan.id
        held = await store.plan(world, plan)
        if self._intended and (held.status, held.holder) != ("executing", self._context.holder):
            raise GateClosed(f"Plan {plan} was brought to its end by another process")
        if not self._intended and (held.status != self._record.status or held.status not in ("proposed", "approved")):
            raise GateClosed(f"Plan {plan} is {held.status.replace('_', ' ')} since it was checked")
        approver = clearance.approval.principal if clearance.approval else ""
        if approver and active_principal(await store.principals(world), approver) is None:
            raise GateClosed(f"{approver}, who approved plan {plan}, isn't a principal of the world any more")
        for other in await store.plans(world, statuses=("executing",)):
            if other.id != plan:
                raise GateClosed(f"Plan {other.id} is on its way: no second act before it is verified")

    def _act(  # noqa: PLR0917 - one act in its circumstances
        self, ident: str, clearance: Clearance, place: int, step: PlanStep, lease: Lease, at: int
    ) -> ActRecord:
        request = step.request if clearance.covers == "act" else step.compensation
        if request is None:
            raise GateClosed(f"Step {place} of plan {clearance.plan.id} has nothing to send")
        return ActRecord(
            id=ident, plan=clearance.plan.id, run=self._acting, place=place, covers=clearance.covers, entity=step.entity,
            action=step.action, actuator=step.actuator, request=request,
            effects=step.effects if clearance.covers == "act" else step.before, epoch=lease.epoch,
            not_after=lease.expires - MARGIN // 2, at=at,
        )  # fmt: skip

    def _wanted(self, step: PlanStep, turn: Turn) -> Sequence[Fact]:
        """What the act wants, in the desired layer, on a record of the target's that is graphtwin's own."""
        event, record = f"{self._acting}:{step.action}:{step.entity}", f"{PLAN}:{step.entity}"
        if not step.effects:
            return []
        kind = self._types[step.entity]
        wanted = [
            decision(
                record=record, name=name, value=value, layer="desired", valid_from=turn.now, event=event,
                run=self._acting, kind="constraint", unit=self._unit(kind, name), source=PLAN,
            )
            for name, value in sorted(step.effects.items())
        ]  # fmt: skip
        return [*membership(record, kind, step.entity, event=event, run=self._acting), *wanted]

    def _unit(self, kind: str, name: str) -> str:
        declared = self._context.policy.variable(kind, name)
        return declared.unit if declared else ""

    async def _decide(self, make: Callable[[Turn], Any], key: str, lease: Lease | None) -> Any:
        context = self._context
        return await decide(
            context.store,
            context.audit,
            context.config,
            make,
            clock=context.clock,
            run=key,
            rules=context.rules,
            lease=lease,
        )

    async def _look_up(self, ident: str, lease: Lease) -> ActRecord:
        """Whether the intent was committed after all. Raises GateClosed where it wasn't, or can't be told."""
        world = self._context.config.world.id
        found = {act.id: act for act in await self._context.store.acts(world, plan=self._record.id)}.get(ident)
        if found is None or found.epoch != lease.epoch:
            raise GateClosed(f"Whether the intent of {ident} was committed isn't known; nothing was sent")
        self._record, self._intended = await self._context.store.plan(world, self._record.id), True
        return found

    def _tell(self, what: str, phase: Phase) -> None:
        self._context.on_step(what, phase)


def _told(act: ActRecord, clearance: Clearance) -> dict[str, Any]:
    approval = clearance.approval
    return {
        "principal": SERVICE,
        "act": act.id,
        "plan": act.plan,
        "place": act.place,
        "covers": act.covers,
        "entity": act.entity,
        "action": act.action,
        "actuator": act.actuator,
        "request": asdict(act.request),
        "effects": dict(act.effects),
        "restore_point": clearance.restore_point.name,
        "approved_by": approval.principal if approval else "",
    }


def plan_entry(record: PlanRecord, plan: Plan, *, at: int, kind: str = "plan") -> AuditEntry:
    """What the chain says of a plan that was made, or came to something."""
    body = {
        "principal": SERVICE,
        "plan": plan.id,
        "plan_hash": plan.digest,
        "status": record.status,
        "summary": plan.summary,
        "risk": record.risk,
        "basis": record.basis,
        "version": record.version,
        "reason": record.reason,
    }
    return AuditEntry(kind, at, record.run, body)
