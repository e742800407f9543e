"""digital-twin-sync-loop: the requirement's steps in their order."""

from __future__ import annotations

from typing import Final

from graphtwin.workflows import sync_definition as says
from graphtwin.workflows.acting import act, may_act, needs_checkpoint, take_checkpoint
from graphtwin.workflows.attempts import RECOVERY
from graphtwin.workflows.closing import record_run, write_report
from graphtwin.workflows.judgement import detect, estimate, forecast, once_known, stop_on_low_confidence
from graphtwin.workflows.perception import (
    apply_rules,
    entry_of_commit,
    integrate_events,
    receive_signals,
    resolve_identities,
    say_what_changed,
    search_prior,
    set_event_clock,
    stop_without_baseline,
    stop_without_signals,
    transform_messages,
    write_world_state,
)
from graphtwin.workflows.proposing import check_policy, propose
from graphtwin.workflows.runner import Step, Workflow, always
from graphtwin.workflows.taking_back import take_back, verification_failed
from graphtwin.workflows.upstream import acknowledge_readings
from graphtwin.workflows.verifying import check_outcome

SYNC_LOOP: Final = Workflow(
    definition=says.SYNC_LOOP,
    steps=(
        Step(says.RECEIVE, receive_signals, after=stop_without_signals),
        Step(says.SEARCH, search_prior, after=stop_without_baseline),
        Step(says.TRANSFORM, transform_messages, after=set_event_clock),
        Step(says.INTEGRATE, integrate_events, again_under_lock=True),
        Step(says.IDENTITY, resolve_identities, again_under_lock=True),
        Step(says.WORLD_STATE, write_world_state, in_transaction=True),
        Step(says.DIFF, say_what_changed, in_transaction=True),
        Step(says.STATE_TRANSITION, apply_rules, in_transaction=True),
        Step(says.DETECT, detect, after=stop_on_low_confidence),
        Step(says.ESTIMATE, estimate, why_not=once_known("detect_anomaly")),
        Step(says.FORECAST, forecast, why_not=once_known("estimate_risk")),
        Step(says.PLAN, propose, why_not=once_known("forecast_risk")),
        Step(says.CONSTRAIN, check_policy, why_not=once_known("plan")),
        Step(says.CHECKPOINT, take_checkpoint, why_not=once_known("constrain")),
        Step(says.ACT_PLAN, act, why_not=may_act, gate=needs_checkpoint),
        Step(says.VERIFY, check_outcome, why_not=once_known("detect_anomaly")),
        Step(says.AUDIT, record_run, why_not=always),
        Step(says.ROLLBACK, take_back, why_not=verification_failed),
        Step(says.SUMMARIZE, write_report, why_not=always),
    ),
    entry=entry_of_commit,
    committed=acknowledge_readings,
    recovery=RECOVERY,
)
