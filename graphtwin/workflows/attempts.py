"""After a FAIL and its rollback: plan again with the failure's evidence, at most three times (the catalogue's recovery loops)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from graphtwin.methods.views.plain_json import plain_json
from graphtwin.workflows.acting import attempted
from graphtwin.workflows.run import Run
from graphtwin.workflows.runner import Recovery

_LOOP: Final = ("plan", "constrain", "checkpoint", "act_plan", "verify", "audit", "rollback")
_OF_THE_ACT: Final = ("plan", "constrain", "checkpoint", "act_plan", "verify", "rollback")


def failed_and_taken_back(run: Run) -> bool:
    """Whether there is something to learn from, and a world that stands as before it."""
    return bool(not run.stopped and attempted(run) and run.has("rollback") and run.out("rollback").executed)


def plan_again(run: Run) -> Run:
    """The run before its next attempt: what the last one answered is set aside."""
    told = {
        "attempt": run.attempt,
        "plan": run.out("plan").plan.id,
        "summary": run.out("plan").plan.summary,
        "verification": run.out("verify").reason,
        "rollback": run.out("rollback").reason,
    }
    aside = {f"{step}_out": run.outputs[f"{step}_out"] for step in _LOOP if run.has(step)}
    outputs = {name: value for name, value in run.outputs.items() if name not in aside}
    outputs |= {"attempts": (*run.outputs.get("attempts", ()), plain_json(told)), "last_act": aside}
    return replace(run, outputs=outputs, attempt=run.attempt + 1)


def as_it_ended(run: Run) -> Run:
    """The run whose last act decides (S27): where the last attempt only planned, what it planned stands beside the act."""
    last = run.outputs.get("last_act")
    if last is None or attempted(run):
        return run
    planned_next = run.out("plan").plan if run.has("plan") else None
    of_the_act = {f"{step}_out": last[f"{step}_out"] for step in _OF_THE_ACT if f"{step}_out" in last}
    return replace(run, outputs={**run.outputs, **of_the_act, "planned_next": planned_next})


RECOVERY: Final = Recovery(
    begins="plan", ends="rollback", needed=failed_and_taken_back, again=plan_again, ended=as_it_ended
)
