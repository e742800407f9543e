"""What the catalogue says about `world-model-build` and `digital-twin-bootstrap`."""

from __future__ import annotations

from typing import Final

from graphtwin.model.catalogue import Backoff, FailureMode, Retry, StepDefinition, WorkflowDefinition
from graphtwin.model.vocabulary import RiskLevel
from graphtwin.workflows import sync_definition as sync

RETRIEVE: Final = StepDefinition(
    capability="retrieve",
    purpose="Take the model that twin.yaml declares, and one reading of each source.",
    timeout="5m",
    retry=Retry(max=3, backoff=Backoff.EXPONENTIAL),
    failure_modes=(
        FailureMode(
            condition="no source answers",
            action="stop; no baseline is made",
            recovery="mend a source; graphtwin source test shows what each one says",
        ),
    ),
    input_bindings={"configuration": "$input.twin", "sources": "$input.sources"},
)
INSPECT: Final = StepDefinition(
    capability="inspect",
    purpose="Count records by type and source, and list what is declared but unseen or seen but undeclared; where the file"
    " declares no types, propose them from what was read.",
    timeout="1m",
    input_bindings={"facts": "retrieve_out"},
)
IDENTITY: Final = sync.IDENTITY.model_copy(update={"input_bindings": {"facts": "retrieve_out"}})
WORLD_STATE: Final = sync.WORLD_STATE.model_copy(
    update={"input_bindings": {"facts": "retrieve_out", "decisions": "identity_resolution_out"}}
)
CAUSAL_MODEL: Final = StepDefinition(
    capability="causal-model",
    purpose="Draw who depends on whom from declared dependencies, and check it for cycles.",
    timeout="1m",
    input_bindings={"state": "world_state_out"},
)
UNCERTAINTY_MODEL: Final = StepDefinition(
    capability="uncertainty-model",
    purpose="Say by what scale each variable's deviation will be measured.",
    timeout="1m",
    input_bindings={"configuration": "$input.twin"},
)
PROVENANCE: Final = StepDefinition(
    capability="provenance",
    purpose="Prove that every claim leads back to evidence or to a named decision.",
    timeout="1m",
    input_bindings={"facts": "retrieve_out"},
)
GROUNDING: Final = StepDefinition(
    capability="grounding",
    purpose="List the declared entities that no source speaks of.",
    timeout="1m",
    input_bindings={"state": "world_state_out"},
)
SIMULATION: Final = StepDefinition(
    capability="simulation",
    purpose="Try each declared action on the model, where something could carry it out.",
    timeout="1m",
    input_bindings={"actions": "$input.twin.actions", "state": "world_state_out"},
)
SUMMARIZE: Final = StepDefinition(
    capability="summarize",
    purpose="Say what the baseline holds and what it lacks.",
    timeout="1m",
    input_bindings={"run": "*"},
)

WORLD_MODEL_BUILD: Final = WorkflowDefinition(
    name="world-model-build",
    goal="Build the baseline that later syncs are compared with.",
    risk=RiskLevel.MEDIUM,
    success=("The world has a first version.", "Every claim has an anchor.", "What the model lacks is listed."),
    steps=(
        RETRIEVE, INSPECT, IDENTITY, WORLD_STATE, sync.STATE_TRANSITION, CAUSAL_MODEL, UNCERTAINTY_MODEL,
        PROVENANCE, GROUNDING, SIMULATION, SUMMARIZE,
    ),
)  # fmt: skip

BOOTSTRAP: Final = WorkflowDefinition(
    name="digital-twin-bootstrap",
    goal="Make a baseline where there is none, then sync.",
    risk=RiskLevel.HIGH,
    success=("The world has a baseline.", "The first sync has run."),
    steps=(
        StepDefinition(
            capability="world-model-build",
            purpose="Build the baseline.",
            risk=RiskLevel.MEDIUM,
            mutation=True,
            condition="the world has no version yet",
        ),
        StepDefinition(
            capability="digital-twin-sync-loop",
            purpose="Sync once.",
            risk=RiskLevel.HIGH,
            mutation=True,
        ),
    ),
)
