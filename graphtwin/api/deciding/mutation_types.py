"""What mutations answer: how it ended, as which run and version; or why it was refused."""

from __future__ import annotations

import strawberry

from graphtwin.api.reading.acting_types import Approval, Freeze, Plan
from graphtwin.api.reading.difference_types import Difference
from graphtwin.api.reading.scalars import Instant, Json
from graphtwin.errors import GraphtwinError, code_of


@strawberry.type(description="Why nothing was done; the same codes as of errors.")
class Refusal:
    code: str
    message: str
    hint: str
    retryable: bool = strawberry.field(description="Whether the same may be asked again unchanged.")


@strawberry.interface(description="How a mutation ended.")
class Answer:
    status: str = strawberry.field(
        description="How it ended; `refused` where `refusal` says why, `running` where it takes longer than a request may."
    )
    run: str | None = strawberry.field(default=None, description="The run, as it stands in the audit chain.")
    version: str | None = strawberry.field(default=None, description="The version that it made, or left as the newest.")
    refusal: Refusal | None = None


@strawberry.type(description="How a sync or an act ended; the status is the report's.")
class RunAnswer(Answer):
    exit_code: int | None = strawberry.field(default=None, description="What the command line would end with.")
    report: Json | None = strawberry.field(default=None, description="The output contract, without the snapshot.")
    plan: Plan | None = strawberry.field(default=None, description="The plan that was to be carried out.")


@strawberry.type(description="Where a plan stands after a decision: approved, rejected, or rolled_back.")
class PlanAnswer(Answer):
    plan: Plan | None = None
    approval: Approval | None = None
    effects: list[str] = strawberry.field(
        default_factory=list, description="What was compensated outside, where a plan was taken back."
    )


@strawberry.type(description="frozen, or lifted.")
class FreezeAnswer(Answer):
    freeze: Freeze | None = None


@strawberry.type(description="decided, or rehearsed where it was a dry run.")
class DecisionAnswer(Answer):
    decision: Json | None = strawberry.field(default=None, description="What was signed and recorded.")
    changes: list[Difference] = strawberry.field(
        default_factory=list, description="What it changed, then what rules made of that."
    )


@strawberry.type(description="restored, or unchanged where nothing differed.")
class RestoreAnswer(Answer):
    before: str | None = None
    restore_point: str | None = None
    cells: int | None = None
    hash_before: str | None = None
    hash_after: str | None = None
    differs: list[str] = strawberry.field(
        default_factory=list, description="Why the state isn't that of the restore point, where it isn't."
    )


@strawberry.type(description="What an approver signs, with their own key.")
class ApprovalToSign:
    principal: str
    document: Json = strawberry.field(description="What is approved, word for word; look at it before you sign.")
    message: str = strawberry.field(
        description="The bytes to sign with Ed25519, as base64: they hold the document, the world and the principal."
    )
    expires: Instant | None


def refusal_of(error: GraphtwinError) -> Refusal:
    """A refusal as it is shown."""
    return Refusal(code=code_of(type(error)), message=error.message, hint=error.hint, retryable=error.retryable)
