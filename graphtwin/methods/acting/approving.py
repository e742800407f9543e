"""What a person signs when they approve a plan, and whether such a signature still stands for it (S28, S35)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from graphtwin.errors import GateClosed
from graphtwin.methods.acting.verdict import policy_document
from graphtwin.methods.audit.signature import verify_signature
from graphtwin.methods.state.canonical_json import canonical_json
from graphtwin.model.acting import PlanRecord, SignedApproval
from graphtwin.model.configuration.acting import Constraints
from graphtwin.model.plan import Approval
from graphtwin.model.principal import APPROVAL_DOMAIN, Principal, Role, active_principal


def approval_document(
    record: PlanRecord, constraints: Constraints | None, *, risk_ceiling: float, nonce: str, expires: int
) -> dict[str, Any]:
    """What is signed, word for word: the plan by its hash, policy and configuration by theirs, the risk it may stand at,
    what it overwrites, and until when (epoch µs of the machine's clock). The base version is told, and never compared.
    """
    return {
        "plan": record.id,
        "plan_hash": record.plan.digest,
        "policy": policy_hash(constraints),
        "configuration": record.configuration,
        "basis": record.basis,
        "version": record.version,
        "risk_ceiling": risk_ceiling,
        "nonce": nonce,
        "expires": expires,
    }


def policy_hash(constraints: Constraints | None) -> str:
    """`sha256:<hex>` of the constraints in force."""
    return "sha256:" + hashlib.sha256(canonical_json(policy_document(constraints))).hexdigest()


def verified_approval(
    signed: SignedApproval,
    record: PlanRecord,
    constraints: Constraints | None,
    *,
    configuration: str,
    principals: Iterable[Principal],
) -> Approval:
    """The approval, when it is a living approver's own signature under exactly this plan, this policy and this
    configuration. Raises GateClosed that says what isn't so; expiry, risk and basis are looked at where it is used.
    """
    name, said = signed.principal, signed.document
    who = active_principal(principals, name)
    if who is None:
        raise GateClosed(f"{name}, who approved plan {record.id}, isn't a principal of the world any more")
    if who.is_service or name == record.author:
        raise GateClosed(f"{name} made plan {record.id}, and nobody approves their own plan")
    if not who.may(Role.APPROVER):
        raise GateClosed(f"{name}, who approved plan {record.id}, is {who.role.value} and may not approve")
    if not verify_signature(who, APPROVAL_DOMAIN, said, signed.signature):
        raise GateClosed(f"The signature of {name} under plan {record.id} doesn't hold", hint="look at the audit log")
    wanted = {
        "plan": (record.id, "another plan"),
        "plan_hash": (record.plan.digest, "another form of the plan"),
        "policy": (policy_hash(constraints), "another policy"),
        "configuration": (configuration, "another configuration"),
    }
    for field, (value, what) in wanted.items():
        if said.get(field) != value:
            raise GateClosed(f"{name} approved plan {record.id} under {what}", hint="show it to them as it is now")
    ceiling, expires = said.get("risk_ceiling"), said.get("expires")
    if isinstance(ceiling, bool) or not isinstance(ceiling, int | float) or not isinstance(expires, int):
        raise GateClosed(f"The approval of plan {record.id} by {name} has no risk ceiling or no end")
    return Approval(record.id, name, float(ceiling), expires, str(said.get("basis", "")), signed.nonce)
