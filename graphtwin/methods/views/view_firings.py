"""The steps that state machines took, as records of action (S22)."""

from __future__ import annotations

from collections.abc import Sequence

from graphtwin.methods.views.view_value import shown_instant
from graphtwin.model.action import ActionRecord, ActionStatus
from graphtwin.model.anchor import Anchor, AnchorKind
from graphtwin.model.fact import Fact
from graphtwin.model.machine import Firing, firing_of
from graphtwin.model.principal import SERVICE


def firing_actions(fired: Sequence[Fact]) -> tuple[ActionRecord, ...]:
    """A record for each firing, in the order given. One that a later firing among them undid was rolled back."""
    firings = [firing_of(fact) for fact in fired]
    undone = {firing.takes_back for firing in firings if firing.takes_back}
    return tuple(_action(firing, undone=firing.event in undone) for firing in firings)


def _action(firing: Firing, *, undone: bool) -> ActionRecord:
    step = f"{firing.subject}.{firing.variable}: {firing.before} → {firing.after}"
    by = " and ".join(firing.rules)
    return ActionRecord(
        action_id=firing.event,
        timestamp=shown_instant(firing.at),
        actor=SERVICE,
        intent=f"take back the transition {by}" if firing.takes_back else f"transition {by}",
        status=ActionStatus.ROLLED_BACK if undone else ActionStatus.EXECUTED,
        changes=(step,),
        anchors=(
            *(Anchor(ref=f"tool:rule:{rule}", kind=AnchorKind.TOOL) for rule in firing.rules),
            *(
                Anchor(ref=f"fact:{one.fact}", kind=AnchorKind.TOOL, excerpt=f"{one.entity}.{one.name}")
                for one in firing.premises
            ),
        ),
    )
