"""What is kept about acting: plans, approvals, acts, the freeze (S28 to S31)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contracts.scene import NOON, Scene, born, say

from graphtwin.errors import NotFound
from graphtwin.model.acting import ActRecord, Freeze, Kept, PlanRecord, SignedApproval
from graphtwin.model.commit import AuditEntry, Draft
from graphtwin.model.plan import Plan, PlannedCriterion, PlanStep, Request, plan_id

STEP = PlanStep(
    "action", "set", "Set it", "zone:local/a", ("f-1",), effects={"setpoint": 21.5}, before={"setpoint": 25},
    actuator="bms", request=Request("PUT", "points/é", {"value": 21.5}), compensation=Request("PUT", "points/é", {"value": 25}),
    requires=("entity.mode == 'auto'",), criteria=(PlannedCriterion("is set", 5, expect="entity.setpoint == 21.5"),),
    verification=("is set",),
)  # fmt: skip


def plan(world: str, number: int = 0, *, occasion: int = 0) -> Plan:
    steps = (replace(STEP, effects={"setpoint": number}),)
    return Plan(plan_id(world, steps, occasion), world, f"set {number}", steps, 0.2, 1.0, occasion)


def record(world: str, number: int = 0, *, occasion: int = 0, **changes) -> PlanRecord:
    held = PlanRecord(
        plan(world, number, occasion=occasion), "waiting", "sha256:b", "sha256:c", 0.4, True, "v1", "service",
        NOON + number, NOON + number, "run-1", ("fact-1", "fact-2"), "needs approval",
    )  # fmt: skip
    return replace(held, **changes)


def act(number: int, of: str, **changes) -> ActRecord:
    held = ActRecord(
        f"act-{number}", of, "run-1", number, "act", "zone:local/a", "set", "bms", Request("PUT", "points/a", {"value": 1}),
        {"setpoint": 1}, 7, NOON + 100, NOON + number,
    )  # fmt: skip
    return replace(held, **changes)


async def keep(scene: Scene, *facts, **kept):
    assert scene.lease is not None
    async with scene.store.begin(scene.lease) as transaction:
        await transaction.keep(Kept(**kept))
        await transaction.record([AuditEntry("plan", NOON, "run-1", {})])
        return await transaction.commit("run-1:plan", "run-1")


class ActingContract:
    async def test_a_plan_is_read_as_it_was_kept(self, scene: Scene):
        await scene.write(born("bus:a"))
        held = record(scene.world)

        made = await keep(scene, plans=(held,))

        assert made is None, "records alone are no version (S20)"
        assert await scene.store.plan(scene.world, held.id) == held
        assert await scene.store.plans(scene.world) == (held,)

    async def test_a_later_record_of_a_plan_takes_the_place_of_the_older(self, scene: Scene):
        await scene.write(born("bus:a"))
        held = record(scene.world)
        await keep(scene, plans=(held,))

        await keep(scene, plans=(replace(held, status="approved", reason="ann said yes"),))

        assert [one.status for one in await scene.store.plans(scene.world)] == ["approved"]

    async def test_plans_are_found_by_status_and_by_what_they_do(self, scene: Scene):
        await scene.write(born("bus:a"))
        first, second = record(scene.world, 1, status="rolled_back"), record(scene.world, 1, occasion=1)
        other = record(scene.world, 2, status="executed")
        await keep(scene, plans=(second, other, first))

        waiting = await scene.store.plans(scene.world, statuses=("waiting", "approved"))

        assert waiting == (second,)
        assert await scene.store.plans_like(scene.world, first.plan.digest) == (first, second)
        assert [one.id for one in await scene.store.plans(scene.world, limit=1)] == [other.id]
        assert await scene.store.plans_like(scene.world, "sha256:unknown") == ()

    async def test_an_unknown_plan_is_not_found(self, scene: Scene):
        with pytest.raises(NotFound):
            await scene.store.plan(scene.world, "plan-unknown")

    async def test_approvals_are_kept_once_and_never_changed(self, scene: Scene):
        await scene.write(born("bus:a"))
        yes = SignedApproval("plan-1", "ann", {"nonce": "n1", "risk_ceiling": 0.5}, "c2ln", NOON)

        await keep(scene, approvals=(yes, SignedApproval("plan-2", "ann", {"nonce": "n2"}, "c2ln", NOON)))
        await keep(scene, approvals=(replace(yes, principal="bob"),))

        assert await scene.store.approvals(scene.world, "plan-1") == (yes,)

    async def test_an_intent_gets_its_outcome(self, scene: Scene):
        await scene.write(born("bus:a"))
        first, second = act(1, "plan-1"), act(2, "plan-2")
        await keep(scene, acts=(second, first))

        done = replace(first, outcome="done", answered_at=NOON + 5, answer="200")
        await keep(scene, acts=(done,))

        assert await scene.store.acts(scene.world, plan="plan-1") == (done,)
        assert await scene.store.acts(scene.world) == (done, second)
        assert await scene.store.acts(scene.world, since=NOON + 2) == (second,)

    async def test_a_world_is_frozen_until_somebody_lifts_it(self, scene: Scene):
        await scene.write(born("bus:a"))
        assert await scene.store.freeze(scene.world) is None

        await keep(scene, freeze=Freeze("ann", NOON, "people on the roof"))
        frozen = await scene.store.freeze(scene.world)
        await keep(scene, freeze=Freeze("", NOON, ""))

        assert frozen == Freeze("ann", NOON, "people on the roof")
        assert await scene.store.freeze(scene.world) is None
        with pytest.raises(NotFound):
            await scene.store.freeze("no-such-world")

    async def test_only_who_carries_a_plan_out_renews_the_sign_of_life(self, scene: Scene):
        await scene.write(born("bus:a"))
        held = record(scene.world, status="executing", holder="host/1/5", alive_until=NOON)
        await keep(scene, plans=(held,))

        mine = await scene.store.still_carrying(scene.world, held.id, holder="host/1/5", until=NOON + 9)
        other = await scene.store.still_carrying(scene.world, held.id, holder="host/2/5", until=NOON + 99)

        assert (mine, other) == (True, False)
        assert (await scene.store.plan(scene.world, held.id)).alive_until == NOON + 9

    async def test_nothing_is_kept_of_a_transaction_that_is_left(self, scene: Scene):
        await scene.write(born("bus:a"))
        assert scene.lease is not None

        async with scene.store.begin(scene.lease, within=5_000_000) as transaction:
            await transaction.keep(Kept(plans=(record(scene.world),), freeze=Freeze("ann", NOON, "")))

        assert await scene.store.plans(scene.world) == ()
        assert await scene.store.freeze(scene.world) is None

    async def test_records_go_with_the_facts_of_their_commit(self, scene: Scene):
        await scene.write(born("bus:a"))
        assert scene.lease is not None

        async with scene.store.begin(scene.lease) as transaction:
            await transaction.write(Draft(now=NOON, facts=(say("bus:a", "reading", 3),)))
            await transaction.keep(Kept(acts=(act(1, "plan-1"),)))
            made = await transaction.commit("run-2", "run-2")

        assert made is not None
        assert len(await scene.store.acts(scene.world, plan="plan-1")) == 1
