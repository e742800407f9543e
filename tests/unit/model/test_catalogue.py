"""Workflow catalogues: steps get their names, and definitions that contradict themselves are refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from graphtwin.model.catalogue import Retry, StepDefinition, WorkflowDefinition, catalogue_document
from graphtwin.model.vocabulary import RiskLevel

RECEIVE = StepDefinition(capability="receive", purpose="Read the sources.", retry=Retry(max=3))
ACT = StepDefinition(
    capability="act-plan",
    purpose="Do what was approved.",
    risk=RiskLevel.HIGH,
    mutation=True,
    requires_checkpoint=True,
    requires_approval=True,
    timeout="5m",
)


def test_a_steps_output_and_function_bear_its_name() -> None:
    assert (ACT.name, ACT.store_as) == ("act_plan", "act_plan_out")
    assert (
        StepDefinition(capability="verify", purpose="Look again.", store_as="second_look_out").store_as
        == "second_look_out"
    )


def test_a_catalogue_has_one_key_a_workflow_and_reads_back() -> None:
    loop = WorkflowDefinition(name="a-loop", goal="Go round.", risk=RiskLevel.HIGH, steps=(RECEIVE, ACT))

    document = catalogue_document([loop])

    assert list(document) == ["a-loop"]
    assert document["a-loop"]["steps"][0]["retry"] == {"max": 3, "backoff": "exponential"}
    assert WorkflowDefinition.model_validate({"name": "a-loop", **document["a-loop"]}) == loop


def test_a_workflow_is_as_risky_as_its_riskiest_step() -> None:
    with pytest.raises(ValidationError, match="riskiest step is high"):
        WorkflowDefinition(name="a-loop", goal="Go round.", risk=RiskLevel.LOW, steps=(RECEIVE, ACT))


def test_two_outputs_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="two steps store their output as receive_out"):
        WorkflowDefinition(name="a-loop", goal="Go round.", risk=RiskLevel.LOW, steps=(RECEIVE, RECEIVE))


def test_a_workflow_defined_twice_is_refused() -> None:
    loop = WorkflowDefinition(name="a-loop", goal="Go round.", risk=RiskLevel.LOW, steps=(RECEIVE,))

    with pytest.raises(ValueError, match="a-loop is defined twice"):
        catalogue_document([loop, loop])


def test_what_needs_approval_needs_a_checkpoint() -> None:
    with pytest.raises(ValidationError, match="needs a checkpoint too"):
        StepDefinition(capability="act-plan", purpose="Do it.", requires_approval=True)


@pytest.mark.parametrize("bad", [{"timeout": "soon"}, {"capability": "Act Plan"}, {"retry": {"max": 0}}])
def test_a_step_that_cannot_be_run_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StepDefinition.model_validate({"capability": "verify", "purpose": "Look again.", **bad})
