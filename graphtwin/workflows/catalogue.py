"""The published catalogue of workflows, from the tables that the runner runs."""

from __future__ import annotations

from graphtwin.model.catalogue import catalogue_document
from graphtwin.model.published.publish import yaml_text
from graphtwin.workflows.build_definition import BOOTSTRAP
from graphtwin.workflows.digital_twin_sync import SYNC_LOOP
from graphtwin.workflows.world_model_build import WORLD_MODEL_BUILD


def workflow_catalogue() -> str:
    """The whole text of reference/workflow_catalog.yaml; the same tables give the same bytes."""
    definitions = (SYNC_LOOP.definition, WORLD_MODEL_BUILD.definition, BOOTSTRAP)
    return yaml_text(catalogue_document(definitions), source="graphtwin/workflows")
