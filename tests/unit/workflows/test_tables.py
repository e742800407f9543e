"""The workflows are the requirement's: every step in its order, and the published catalogue says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from graphtwin import steps as steps_package
from graphtwin.workflows.build_definition import BOOTSTRAP
from graphtwin.workflows.catalogue import workflow_catalogue
from graphtwin.workflows.digital_twin_sync import SYNC_LOOP
from graphtwin.workflows.runner import Workflow
from graphtwin.workflows.world_model_build import WORLD_MODEL_BUILD

PUBLISHED = Path(__file__).resolve().parents[3] / "reference" / "workflow_catalog.yaml"
PROCEDURE = (
    "receive", "transform", "integrate", "identity-resolution", "world-state", "state-transition", "detect-anomaly",
    "estimate-risk", "forecast-risk", "plan", "constrain", "checkpoint", "act-plan", "verify", "audit", "rollback",
    "summarize",
)  # fmt: skip
"""The requirement's seventeen steps."""
TABLES = pytest.mark.parametrize("workflow", [SYNC_LOOP, WORLD_MODEL_BUILD], ids=lambda one: one.definition.name)


def named(workflow: Workflow) -> list[str]:
    return [step.definition.capability for step in workflow.steps]


def test_the_sync_loop_has_every_step_of_the_requirement_in_its_order():
    of_the_requirement = [name for name in named(SYNC_LOOP) if name in PROCEDURE]

    assert tuple(of_the_requirement) == PROCEDURE


def test_the_sync_loop_searches_beside_receive_and_tells_the_difference_after_the_state():
    names = named(SYNC_LOOP)

    assert [name for name in names if name not in PROCEDURE] == ["search", "diff-world-state"]
    assert {step.definition.parallel_group for step in SYNC_LOOP.steps[:2]} == {"read"}
    assert names.index("diff-world-state") == names.index("world-state") + 1


def test_the_baseline_is_built_in_eleven_steps():
    assert named(WORLD_MODEL_BUILD) == [
        "retrieve", "inspect", "identity-resolution", "world-state", "state-transition", "causal-model",
        "uncertainty-model", "provenance", "grounding", "simulation", "summarize",
    ]  # fmt: skip


def test_a_bootstrap_is_a_baseline_and_then_a_sync():
    assert [step.capability for step in BOOTSTRAP.steps] == ["world-model-build", "digital-twin-sync-loop"]


@TABLES
def test_every_step_is_a_file_with_a_function_of_its_name(workflow: Workflow):
    folder = Path(next(iter(steps_package.__path__)))
    files = {path.stem: path.read_text("utf-8") for path in folder.glob("*.py")}

    assert all(f"def {step.name}(" in files[step.name] for step in workflow.steps)


@TABLES
def test_an_answer_is_stored_under_the_steps_name(workflow: Workflow):
    assert all(step.definition.store_as == f"{step.name}_out" for step in workflow.steps)


@TABLES
def test_only_the_steps_that_make_a_version_share_the_transaction(workflow: Workflow):
    within = [step.name for step in workflow.steps if step.in_transaction]

    assert set(within) <= {"world_state", "diff_world_state", "state_transition"}
    assert {"world_state", "state_transition"} <= set(within)


@TABLES
def test_every_step_has_a_time_limit(workflow: Workflow):
    assert [step.name for step in workflow.steps if step.definition.timeout is None] == []


@TABLES
def test_an_input_is_what_the_user_gave_or_an_earlier_answer(workflow: Workflow):
    known = {"*"}
    for step in workflow.steps:
        names = {str(source).partition(".")[0] for source in step.definition.input_bindings.values()}
        assert {name for name in names if not name.startswith("$input")} <= known, step.name
        known.add(step.definition.store_as)


def test_the_published_catalogue_is_what_the_tables_say():
    text = PUBLISHED.read_text("utf-8")

    assert text == workflow_catalogue(), "run: python scripts/publish_reference.py"


def test_the_catalogue_can_be_cited_as_the_requirement_does():
    document = yaml.safe_load(workflow_catalogue())

    assert list(document) == ["digital-twin-sync-loop", "world-model-build", "digital-twin-bootstrap"]


def test_nothing_acts_in_the_table_without_checkpoint_approval_and_gate():
    acting = next(step for step in SYNC_LOOP.steps if step.name == "act_plan")

    assert acting.gate is not None
    assert (acting.definition.requires_checkpoint, acting.definition.requires_approval) == (True, True)
    assert (
        named(SYNC_LOOP).index("constrain") < named(SYNC_LOOP).index("checkpoint") < named(SYNC_LOOP).index("act-plan")
    )
