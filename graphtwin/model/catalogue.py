"""What a workflow and its steps declare about themselves, as the published catalogue shows it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from graphtwin.model.base import Duration, Object, Text, Value
from graphtwin.model.vocabulary import RiskLevel

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
"""A name of the standard: small letters and digits, joined by hyphens."""


class Backoff(StrEnum):
    """How the wait between attempts grows."""

    NONE = "none"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"


class Retry(Value):
    """How often a step that failed is tried again."""

    max: Annotated[StrictInt, Field(ge=1)] = Field(description="Attempts after the first.")
    backoff: Backoff = Field(default=Backoff.EXPONENTIAL, description="How the wait between them grows.")


class FailureMode(Value):
    """A way to fail that was foreseen."""

    condition: Text = Field(description="How it shows.")
    action: Text = Field(description="What the runner does then.")
    recovery: Text = Field(description="What helps.")


class Gate(Value):
    """What must not be so when a step begins."""

    when: Text = Field(description="The condition that closes the gate.")
    action: Text = Field(description="What the runner does then.")
    message: Text = Field(description="What it says.")


class StepDefinition(Value):
    """One step of a workflow, and all that the runner must know about it."""

    capability: Name = Field(description="The step's name, or that of a workflow which is then run whole.")
    purpose: Text = Field(description="What it is for.")
    risk: RiskLevel = Field(default=RiskLevel.LOW, description="How much it can harm when it goes wrong.")
    mutation: StrictBool = Field(default=False, description="Whether it changes the twin or the world.")
    requires_checkpoint: StrictBool = Field(default=False, description="Whether a checkpoint must exist.")
    requires_approval: StrictBool = Field(default=False, description="Whether a person must have approved.")
    timeout: Duration | None = Field(default=None, description="How long it may take; null is without limit.")
    retry: Retry | None = Field(default=None, description="How often it is tried again; null is never.")
    failure_modes: tuple[FailureMode, ...] = Field(default=(), description="Ways to fail that were foreseen.")
    input_bindings: Object = Field(default={}, description="Which earlier outputs it takes, by parameter.")
    gates: tuple[Gate, ...] = Field(default=(), description="What must not be so when it begins.")
    condition: str | None = Field(default=None, description="When it runs; null is always.")
    store_as: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*_out$")] = Field(
        default="", validate_default=False, description="Under which name its output is kept."
    )
    output_conforms_to: str | None = Field(default=None, description="The published schema its output obeys.")
    parallel_group: str | None = Field(default=None, description="Steps that share a group may run side by side.")

    @model_validator(mode="before")
    @classmethod
    def _stored_under_its_name(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("store_as") or not isinstance(data.get("capability"), str):
            return data
        return {**data, "store_as": f"{data['capability'].replace('-', '_')}_out"}

    @model_validator(mode="after")
    def _no_approved_act_without_checkpoint(self) -> Self:
        if self.requires_approval and not self.requires_checkpoint:
            message = f"step {self.capability}: what needs approval needs a checkpoint too"
            raise ValueError(message)
        return self

    @property
    def name(self) -> str:
        """The name of the step's function: the capability with underscores."""
        return self.capability.replace("-", "_")


class WorkflowDefinition(Value):
    """A workflow: steps in the order they run."""

    name: Name = Field(description="Name of the workflow.")
    goal: Text = Field(description="What it is for.")
    risk: RiskLevel = Field(description="The highest risk of its steps.")
    success: tuple[Text, ...] = Field(default=(), description="What holds when it went well.")
    max_recovery_loops: Annotated[StrictInt, Field(ge=0)] = Field(
        default=0, description="How often it plans again after a failed verification."
    )
    steps: tuple[StepDefinition, ...] = Field(min_length=1, description="The steps, in order.")

    @model_validator(mode="after")
    def _outputs_have_names_of_their_own(self) -> Self:
        names = [step.store_as for step in self.steps]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"workflow {self.name}: two steps store their output as {', '.join(twice)}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _as_risky_as_its_steps(self) -> Self:
        order = list(RiskLevel)
        highest = max((step.risk for step in self.steps), key=order.index)
        if self.risk is not highest:
            message = f"workflow {self.name}: its riskiest step is {highest}, so risk can't be {self.risk}"
            raise ValueError(message)
        return self


def catalogue_document(definitions: Iterable[WorkflowDefinition]) -> dict[str, Any]:
    """The catalogue as plain data, one key a workflow, in the given order; raises ValueError for a name given twice."""
    document: dict[str, Any] = {}
    for definition in definitions:
        if definition.name in document:
            message = f"workflow {definition.name} is defined twice"
            raise ValueError(message)
        document[definition.name] = definition.model_dump(mode="json", exclude={"name"})
    return document
