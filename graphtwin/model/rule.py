"""How state may move on from one state to the next."""

from __future__ import annotations

from pydantic import Field

from graphtwin.model.base import Items, Object, Text, Value
from graphtwin.model.provenance import ProvenanceRecord


class RuleRollback(Value):
    """How a transition is taken back."""

    strategy: Text | None = Field(default=None, description="The way back, named.")
    inverse_effects: Items[Text] = Field(default=(), description="What undoes the effects, in order.")


class TransitionRule(Value):
    """A step of a state machine: what sets it off, what must hold, what follows."""

    rule_id: Text = Field(description="Id of the rule.")
    trigger: Text | Object = Field(description="The event or the schedule that sets it off, as a predicate.")
    guards: tuple[Text, ...] = Field(description="What must hold besides.")
    effects: tuple[Text, ...] = Field(description="What it changes, in order.")
    allowed_next_states: tuple[Text, ...] = Field(description="The states it may lead to; any other is refused.")
    rollback: RuleRollback | None = Field(default=None, description="How it is taken back; absent when it can't be.")
    provenance: Items[ProvenanceRecord] = Field(default=(), description="Where the rule comes from.")
