"""What was decided and done in a world, as the canonical state lists it under `actions`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from graphtwin.methods.audit.decisions import CLAIM, IDENTITY, MERGED, OVERRIDE
from graphtwin.methods.views.view_value import shown_instant
from graphtwin.model.acting import ActRecord, Outcome
from graphtwin.model.action import ActionRecord, ActionStatus
from graphtwin.model.anchor import Anchor, AnchorKind
from graphtwin.model.commit import AuditRecord
from graphtwin.model.principal import SERVICE

DECIDED: Final = (CLAIM, OVERRIDE, IDENTITY, MERGED)
"""The kinds of audit records that tell an action on the twin."""

_STATUS: Final[Mapping[Outcome, ActionStatus]] = {
    "intended": ActionStatus.APPROVED,
    "done": ActionStatus.EXECUTED,
    "unknown": ActionStatus.EXECUTED,
    "refused": ActionStatus.FAILED,
    "not_sent": ActionStatus.FAILED,
}


def actions_view(
    decided: Iterable[AuditRecord], acts: Iterable[ActRecord], moved: Iterable[ActionRecord] = ()
) -> tuple[ActionRecord, ...]:
    """Decisions of persons and of matching (records of kinds DECIDED), acts with what came of them, and the steps that
    state machines `moved`; by time, then id.

    An act that was compensated for is rolled back.
    """
    done = list(acts)
    back = {(one.plan, one.place) for one in done if one.covers == "compensation" and one.outcome == "done"}
    actions = [*(_decision(one) for one in decided), *(_act(one, back) for one in done), *moved]
    return tuple(sorted(actions, key=lambda one: (one.timestamp, one.action_id)))


def _decision(record: AuditRecord) -> ActionRecord:
    body = record.body
    evidence = body.get("evidence")
    return ActionRecord(
        action_id=record.run if record.kind != MERGED else f"{record.run}:{record.n}",
        timestamp=shown_instant(record.at),
        actor=str(body["principal"]),
        intent=str(body.get("reason") or _what(body)),
        status=ActionStatus.EXECUTED,
        changes=(_what(body),),
        anchors=(
            Anchor(ref=f"audit:{record.world}:{record.n}", kind=AnchorKind.TOOL),
            *((_ground(evidence),) if evidence else ()),
        ),
    )


def _what(body: Mapping[str, Any]) -> str:
    if "variable" in body:
        value = f" to {body['value']} {body['unit']}".rstrip() if "value" in body else ""
        return f"{body['action']} {body['entity']}.{body['variable']}{value}"
    return f"{body['action']} {', '.join(body['entities'])}"


def _ground(evidence: Mapping[str, Any]) -> Anchor:
    ref = str(evidence["ref"])
    kind = AnchorKind.FILE if "sha256" in evidence else AnchorKind.URL
    return Anchor(ref=ref, kind=kind, excerpt=f"sha256:{evidence['sha256']}" if "sha256" in evidence else None)


def _act(act: ActRecord, back: set[tuple[str, int]]) -> ActionRecord:
    rolled_back = act.covers == "act" and (act.plan, act.place) in back
    return ActionRecord(
        action_id=act.id,
        timestamp=shown_instant(act.at),
        actor=SERVICE,
        intent=f"{'compensate for ' if act.covers == 'compensation' else ''}{act.action} on {act.entity}",
        status=ActionStatus.ROLLED_BACK if rolled_back else _STATUS[act.outcome],
        plan_ref=act.plan,
        changes=tuple(f"{act.entity}.{name}: {value}" for name, value in sorted(act.effects.items())),
        verification=(act.answer,) if act.answer else (),
        anchors=(Anchor(ref=f"actuator:{act.actuator}:{act.id}", kind=AnchorKind.TOOL),),
    )
