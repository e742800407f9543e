"""Whether a plan that was made is one that is open already, a new occasion of one that is over, or one to leave alone (S31)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from graphtwin.model.acting import OPEN, PlanRecord
from graphtwin.model.plan import Plan, plan_id


@dataclass(frozen=True, slots=True)
class Occasion:
    """The plan under the id of its occasion, the open record that it is (None where it is new), and why it may not be
    applied again ("" where it may). `failed_before`: an earlier occasion of it was rolled back, so only a person may let it
    through once more.
    """

    plan: Plan
    record: PlanRecord | None
    leave: str = ""
    failed_before: bool = False


def occasion_of(plan: Plan, known: Sequence[PlanRecord], evidence: Sequence[str]) -> Occasion:
    """`known` are all occasions of the plan by number, `evidence` the ids of the facts that it rests on now. A plan that
    was rolled back, or rejected, isn't applied again until something new was learned.
    """
    failed = any(record.status in ("rolled_back", "failed") for record in known)
    current = next((record for record in known if record.status in OPEN), None)
    if current is not None:
        return Occasion(current.plan, current, failed_before=failed)
    last = known[-1] if known else None
    number = last.plan.occasion + 1 if last else 0
    made = replace(plan, id=plan_id(plan.world, plan.steps, number), occasion=number)
    if last and last.status in ("rolled_back", "failed", "rejected") and set(evidence) <= set(last.evidence):
        word = {"rejected": "was rejected", "failed": "failed"}.get(last.status, "was rolled back")
        return Occasion(made, None, f"plan {last.id} {word}, and nothing new was learned since", failed)
    return Occasion(made, None, failed_before=failed)
