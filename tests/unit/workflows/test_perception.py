"""A run's cursors never go back behind those that another run committed while it was reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from contracts.scene import NOON, Scene, SteppingClock
from fakes.no_gateway import NoGateway

from graphtwin.methods.judging.silence import GONE
from graphtwin.methods.state.policy import Policy
from graphtwin.ports import AuditSink, Reading, Store
from graphtwin.steps.identity_resolution import identity_resolution
from graphtwin.steps.integrate import integrate
from graphtwin.steps.receive import ReceiveOut
from graphtwin.store.memory import MemoryStore
from graphtwin.workflows.perception import write_world_state
from graphtwin.workflows.run import Context, Run

ROSTER = "@roster"


class NoLog:
    """An audit log that nobody writes to here."""

    def check_writable(self) -> None:
        """It is."""

    async def check_belongs(self, store: Store) -> None:
        """It does."""

    async def export(self, store: Store) -> str:  # noqa: ARG002 - as the port has it
        """Nowhere."""
        return ""


async def cursor_after(
    committed: Mapping[str, Any], own: Mapping[str, Any], *, gone: bool | None = None
) -> Mapping[str, Any]:
    """The cursor of `bus` when a run that read up to `own` commits after `committed` was."""
    store = MemoryStore(SteppingClock())
    scene = await Scene.make(store, "plant")
    log: AuditSink = NoLog()
    await scene.write(cursors={"bus": committed} if committed else {})
    reading = Reading("bus", answered=True, read_at=NOON, cursor=own, gone=gone)
    resolved = await identity_resolution(store, "plant", (), Policy(scene.config), run="late")
    nothing = integrate((), (), (), (), known_events=(), heard={}, rosters={}, config=scene.config)
    run = Run("late", "plant", "digital-twin-sync-loop", "incremental", NOON, now=NOON)
    run = run.with_output("receive", ReceiveOut((reading,), {"bus": True}, 0, 0, ()))
    run = run.with_output("integrate", nothing).with_output("identity_resolution", resolved)
    assert scene.lease
    async with store.begin(scene.lease) as transaction:
        context = Context(
            store,
            SteppingClock(),
            scene.config,
            Policy(scene.config),
            (),
            (),
            log,
            "",
            lambda *_: None,
            NoGateway(),
            "here/1/1",
            lambda *_: False,
            transaction=transaction,
        )
        await write_world_state(run, context)
        await transaction.commit("late", "late")
    return (await store.cursors("plant"))["bus"]


@pytest.mark.parametrize("theirs", [3, 7])
async def test_a_slow_run_leaves_the_cursor_of_the_one_that_was_quicker(theirs: int):
    committed = {"reading": theirs, "offset": 900, ROSTER: 4}

    after = await cursor_after(committed, {"reading": 3, "offset": 300})

    assert after == committed


async def test_a_run_that_read_last_moves_the_cursor_on_and_keeps_the_size_of_the_roster():
    after = await cursor_after({"reading": 2, "offset": 100, ROSTER: 4}, {"reading": 3, "offset": 300})

    assert after == {"reading": 3, "offset": 300, ROSTER: 4}


@pytest.mark.parametrize("committed", [{}, {"offset": 9}])
async def test_a_source_that_does_not_count_its_readings_goes_where_the_last_run_says(committed: Mapping[str, Any]):
    after = await cursor_after(committed, {"offset": 5})

    assert after == {"offset": 5}


@pytest.mark.parametrize(
    ("before", "said", "after"), [(None, True, NOON), (5, True, 5), (5, None, 5), (5, False, None), (None, None, None)]
)
async def test_a_source_is_gone_from_when_it_is_first_known_until_it_says_otherwise(
    before: int | None, said: bool | None, after: int | None
):
    committed = {"reading": 1} | ({GONE: before} if before else {})

    cursor = await cursor_after(committed, {"reading": 2}, gone=said)

    assert cursor.get(GONE) == after
