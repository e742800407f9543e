"""What the catalogue says about `digital-twin-sync-loop`: every step of the requirement, in its order."""

from __future__ import annotations

from typing import Final

from graphtwin.model.catalogue import Backoff, FailureMode, Gate, Retry, StepDefinition, WorkflowDefinition
from graphtwin.model.vocabulary import RiskLevel

_READ_AGAIN: Final = Retry(max=3, backoff=Backoff.EXPONENTIAL)

RECEIVE: Final = StepDefinition(
    capability="receive",
    purpose="Read every configured source from where it was left.",
    timeout="2m",
    retry=_READ_AGAIN,
    parallel_group="read",
    failure_modes=(
        FailureMode(
            condition="a source can't be read",
            action="go on with the others; confidence falls by its share of trust",
            recovery="its cursor didn't move, so the next sync reads what was missed",
        ),
        FailureMode(
            condition="no source answers",
            action="stop and say so; nothing is written",
            recovery="mend a source; graphtwin source test shows what each one says",
        ),
    ),
    input_bindings={"sources": "$input.sources"},
    output_conforms_to="event_schema.yaml#event",
)
SEARCH: Final = StepDefinition(
    capability="search",
    purpose="Read the prior snapshot and what the run stands on, beside receive.",
    timeout="1m",
    retry=_READ_AGAIN,
    parallel_group="read",
    failure_modes=(
        FailureMode(
            condition="the world has no baseline",
            action="stop; nothing is written",
            recovery="digital-twin-bootstrap builds one first",
        ),
    ),
    input_bindings={"world_id": "$input.world_id"},
)
TRANSFORM: Final = StepDefinition(
    capability="transform",
    purpose="Turn raw messages into canonical events and claims.",
    timeout="5m",
    failure_modes=(
        FailureMode(
            condition="a message can't be taken",
            action="quarantine that message with place, reason and hint; confidence falls by its share",
            recovery="mend the source or the mapping; graphtwin source quarantine lists what waits",
        ),
    ),
    input_bindings={"readings": "receive_out"},
    output_conforms_to="event_schema.yaml#event",
)
INTEGRATE: Final = StepDefinition(
    capability="integrate",
    purpose="Keep what is new, in the order of its own time, and hold rosters that drop too much.",
    timeout="5m",
    failure_modes=(
        FailureMode(
            condition="a roster is empty or drops a fifth and more than five records",
            action="hold it: nothing retires by it",
            recovery="a person looks at the source; the next believable roster counts",
        ),
    ),
    input_bindings={"events": "transform_out", "prior": "search_out"},
)
IDENTITY: Final = StepDefinition(
    capability="identity-resolution",
    purpose="Decide which records are one thing.",
    risk=RiskLevel.MEDIUM,
    timeout="5m",
    failure_modes=(
        FailureMode(
            condition="two records look like one thing but a hard constraint forbids it",
            action="keep them apart and list the pair",
            recovery="declare an alias or a distinction in twin.yaml",
        ),
    ),
    input_bindings={"facts": "integrate_out"},
    output_conforms_to="identity_resolution_policy.yaml",
)
WORLD_STATE: Final = StepDefinition(
    capability="world-state",
    purpose="Write evidence, facts and decisions, and bring the present to the new version.",
    risk=RiskLevel.MEDIUM,
    mutation=True,
    timeout="10m",
    failure_modes=(
        FailureMode(
            condition="the transaction can't be committed",
            action="look its key up: it either happened whole or not at all",
            recovery="sync again; what was read is read again from the same cursors",
        ),
    ),
    input_bindings={"facts": "integrate_out", "decisions": "identity_resolution_out"},
    output_conforms_to="world_state_schema.yaml",
)
DIFF: Final = StepDefinition(
    capability="diff-world-state",
    purpose="Say what changed against the version before.",
    timeout="1m",
    input_bindings={"changes": "world_state_out"},
)
STATE_TRANSITION: Final = StepDefinition(
    capability="state-transition",
    purpose="Make the rules' derivations exactly what the rules return now, find what has lasted long enough, and let state "
    "machines take their steps, in the same transaction.",
    risk=RiskLevel.MEDIUM,
    mutation=True,
    timeout="5m",
    failure_modes=(
        FailureMode(
            condition="a rule fails, or returns too many rows",
            action="write nothing of this sync",
            recovery="mend the rule; the same signals are read again",
        ),
    ),
    input_bindings={"present": "world_state_out"},
)
DETECT: Final = StepDefinition(
    capability="detect-anomaly",
    purpose="Find drift of value, of structure and of silence.",
    timeout="5m",
    input_bindings={"state": "world_state_out", "rows": "state_transition_out"},
)
ESTIMATE: Final = StepDefinition(
    capability="estimate-risk",
    purpose="Say how much the findings may harm, carried along dependencies.",
    timeout="1m",
    failure_modes=(
        FailureMode(
            condition="the risk can't be computed",
            action="count it as 1; nothing acts",
            recovery="look at the factors in the report",
        ),
    ),
    input_bindings={"findings": "detect_anomaly_out"},
)
FORECAST: Final = StepDefinition(
    capability="forecast-risk",
    purpose="Say how likely a declared limit is crossed within the horizon.",
    timeout="5m",
    input_bindings={"risk": "estimate_risk_out"},
)
PLAN: Final = StepDefinition(
    capability="plan",
    purpose="Propose what to do about the findings, with criteria to verify and a way back.",
    timeout="2m",
    input_bindings={"findings": "detect_anomaly_out"},
)
CONSTRAIN: Final = StepDefinition(
    capability="constrain",
    purpose="Check the plan against policy; what isn't allowed is denied.",
    timeout="1m",
    failure_modes=(
        FailureMode(
            condition="no policy is declared",
            action="observe only",
            recovery="declare constraints in twin.yaml",
        ),
    ),
    input_bindings={"plan": "plan_out", "risk": "forecast_risk_out"},
)
CHECKPOINT: Final = StepDefinition(
    capability="checkpoint",
    purpose="Name the version to come back to before anything may act.",
    timeout="1m",
    retry=_READ_AGAIN,
    input_bindings={"world_id": "$input.world_id"},
)
ACT_PLAN: Final = StepDefinition(
    capability="act-plan",
    purpose="Carry out a plan that is cleared and approved.",
    risk=RiskLevel.HIGH,
    mutation=True,
    requires_checkpoint=True,
    requires_approval=True,
    timeout="5m",
    gates=(
        Gate(
            when="there is no checkpoint of this run",
            action="stop",
            message="nothing acts without a restore point",
        ),
    ),
    condition="constrain_out.compliant",
    failure_modes=(
        FailureMode(
            condition="the outcome of an act isn't known",
            action="verify; never act again blindly",
            recovery="verify tells; roll back when it fails",
        ),
    ),
    input_bindings={"plan": "plan_out", "restore_point": "checkpoint_out"},
)
VERIFY: Final = StepDefinition(
    capability="verify",
    purpose="Say PASS or FAIL by the plan's criteria, each in its window; SKIPPED where nothing was done.",
    timeout="24h",
    failure_modes=(
        FailureMode(
            condition="what came of it can't be read",
            action="look again; if it stays so, count it as FAIL",
            recovery="what was done is taken back",
        ),
        FailureMode(
            condition="the world's clock stands still",
            action="count it as FAIL",
            recovery="what was done is taken back",
        ),
    ),
    input_bindings={"acted": "act_plan_out"},
)
AUDIT: Final = StepDefinition(
    capability="audit",
    purpose="Record what this run did and export the chain with a signed head.",
    mutation=True,
    timeout="2m",
    retry=Retry(max=4, backoff=Backoff.EXPONENTIAL),
    failure_modes=(
        FailureMode(
            condition="another run is writing",
            action="wait for it and try again; recording a run twice adds nothing",
            recovery="the next sync's record follows on this one's commit",
        ),
        FailureMode(
            condition="the audit log can't be written",
            action="the run fails; it is checked before anything changes, too",
            recovery="free space or permission; the next sync exports what is missing",
        ),
    ),
    input_bindings={"run": "*"},
)
ROLLBACK: Final = StepDefinition(
    capability="rollback",
    purpose="Take back what was done when verification failed.",
    risk=RiskLevel.HIGH,
    mutation=True,
    requires_checkpoint=True,
    timeout="5m",
    condition="verify_out.result == FAIL",
    input_bindings={"restore_point": "checkpoint_out"},
)
SUMMARIZE: Final = StepDefinition(
    capability="summarize",
    purpose="Write the report that a person can decide from.",
    timeout="2m",
    input_bindings={"run": "*"},
    output_conforms_to="sync_report.schema.json",
)

SYNC_LOOP: Final = WorkflowDefinition(
    name="digital-twin-sync-loop",
    goal="Bring the twin up to its sources, judge it, and act only when cleared.",
    risk=RiskLevel.HIGH,
    success=(
        "The snapshot holds what the sources said last.",
        "Every drift is found, with the evidence it rests on.",
        "Risk is known, now and within the horizon.",
        "Nothing acted without checkpoint and approval.",
        "The audit trail is whole.",
        "What was done can be taken back.",
    ),
    max_recovery_loops=3,
    steps=(
        RECEIVE, SEARCH, TRANSFORM, INTEGRATE, IDENTITY, WORLD_STATE, DIFF, STATE_TRANSITION, DETECT, ESTIMATE, FORECAST,
        PLAN, CONSTRAIN, CHECKPOINT, ACT_PLAN, VERIFY, AUDIT, ROLLBACK, SUMMARIZE,
    ),
)  # fmt: skip
