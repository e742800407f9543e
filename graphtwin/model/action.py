"""What was meant to be done, and what came of it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from graphtwin.model.anchor import Anchor
from graphtwin.model.base import Instant, Items, Text, Value


class ActionStatus(StrEnum):
    """How far an action has come."""

    PLANNED = "planned"
    APPROVED = "approved"
    EXECUTED = "executed"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"


class ActionRecord(Value):
    """One action on the twin or on the world, by a person or by graphtwin."""

    action_id: Text = Field(description="Id of the action.")
    timestamp: Instant = Field(description="When it reached this status.")
    actor: Text = Field(description="The principal who acts.")
    intent: Text = Field(description="What it is meant to achieve.")
    status: ActionStatus = Field(description="How far it has come.")
    plan_ref: str | None = Field(default=None, description="The plan it belongs to.")
    changes: Items[str] = Field(default=(), description="What it changes, one a line.")
    verification: Items[str] = Field(default=(), description="What must be seen afterwards, and whether it was.")
    anchors: Items[Anchor] = Field(default=(), description="Evidence of it.")
