"""The part of twin.yaml about acting: what can be done, by which door, and what policy permits (S25 to S32)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from graphtwin.model.base import Value
from graphtwin.model.configuration.amounts import Duration, Limit, Unit01
from graphtwin.model.configuration.twin_sources import Tls
from graphtwin.model.durations import HOUR, MINUTE, SECOND

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Reversibility = Literal["reversible", "compensable", "irreversible"]


_LONGEST: Final = 2 * MINUTE


class Actuator(Value):
    """A door to the system through which acts go out; none but the one gateway uses it (S30)."""

    type: Literal["http", "mqtt"]
    """How it is spoken to."""
    endpoint: str
    """Its address, without secrets: `http://host:port/prefix`, `mqtt://host:port/topic/prefix`."""
    username: str = ""
    """Whom to log in as."""
    password: str = ""
    """The password, as `${NAME}` from the environment."""
    token: str = ""
    """A bearer token, as `${NAME}` from the environment; HTTP only."""
    headers: dict[str, str] = Field(default_factory=dict)
    """More HTTP headers; values may hold `${NAME}`."""
    tls: Tls = Field(default_factory=Tls)
    """How `https` and `mqtts` are checked."""
    timeout: Duration = 10 * SECOND
    """Without an answer by then the outcome of an act isn't known: it is verified, never sent again blindly. At most 2m."""
    dry_run: bool = False
    """True sends nothing: acts are `not_sent`, and their answers say what would have been sent."""

    @field_validator("timeout")
    @classmethod
    def _is_waited_for(cls, value: int) -> int:
        if value > _LONGEST:
            raise ValueError("nobody waits longer than 2m for the answer to one act")
        return value


class Request(Value):
    """What is sent for an act. `{id}`, `{local_id}`, `{record:SOURCE}` (the entity's own id in that source) and `{NAME}` (the
    value of an effect; `{NAME:UNIT}` in a unit of the other side's) are filled in; a text that is one placeholder alone becomes the value itself.
    """

    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    """HTTP only."""
    path: str = ""
    """Put behind the actuator's endpoint: the rest of the address, or of the topic."""
    body: Any = None
    """Sent as JSON; null sends none. A field `idempotency_key` at its top is filled with the act's key."""


class Compensation(Value):
    """How the effects of a compensable action are made up for."""

    request: Request
    """What is sent; `{NAME}` stands for the value that an effect had before, `{effect:NAME}` for the one it was given."""
    description: str = ""
    """For people."""


class Criterion(Value):
    """What must be seen after the act, in readings that are younger than it, within a window (S32)."""

    expect: str = ""
    """CEL over `entity`, such as `entity.temperature < 24.0`; true where it holds."""
    file: str = ""
    """A file with Cypher, in the folder of twin.yaml."""
    cypher: str = ""
    """Cypher that returns `subject`: it holds for the entities that it returns, once something was heard of them and of all that
    its rows name.
    """
    within: Duration = 5 * MINUTE
    """How long it may take, by the world's clock."""
    description: str = ""
    """For people."""

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if sum(map(bool, (self.expect, self.file, self.cypher))) != 1:
            raise ValueError("a criterion has one of `expect`, `file`, `cypher`")
        return self


class Action(Value):
    """A declared remedy. With an actuator graphtwin can carry it out; without one a person does, by its command."""

    id: Name
    """Names it in `constraints`."""
    title: str
    """What a person reads."""
    when: tuple[str, ...] = ()
    """Finding names it answers: a rule id, `drift:<type>.<variable>`, `missing:<relation>`, `silence:<source>`,
    `unsupported:<transition>`, `contested:<type>.<variable>`.
    """
    target: str = ""
    """What it is done to: "" the entity of the finding, `controls` what that one points to over a relation, `<controls` what
    points to it.
    """
    command: str = ""
    """What a person would run, shown in the report; `{id}` is the entity's id (`service:local/web`), `{local_id}` its
    last part (`web`), each as one word of a shell: put no quotes of your own around them.
    """
    actuator: str = ""
    """The actuator that carries it out; "" leaves it to a person."""
    request: Request | None = None
    """What is sent to the actuator."""
    requires: tuple[str, ...] = ()
    """Preconditions in CEL over `entity`, such as `entity.mode == 'auto'`: all must hold when it is planned and when it acts."""
    effects: dict[str, Any] = Field(default_factory=dict)
    """Values of the entity's variables that it brings about; a text that begins with `=` is CEL over `entity`, such as
    `=entity.setpoint_desired`.
    """
    compensation: Compensation | None = None
    """How a compensable action is made up for. A reversible one is taken back by its own request with the values before."""
    criteria: tuple[Criterion, ...] = ()
    """How to tell that it worked; default: its effects are reported. A plain text is CEL."""
    cost: Annotated[float, Field(ge=0)] = 1.0
    """Of remedies with equal risk the cheaper one is proposed; in a unit of your own."""
    risk: Unit01 = 0.3
    """How likely it does harm."""
    reversible: Reversibility = "compensable"
    """Whether its effects can be taken back; what can't always needs approval."""

    @field_validator("criteria", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return tuple({"expect": one} if isinstance(one, str) else one for one in value)

    @model_validator(mode="after")
    def _can_be_carried_out(self) -> Self:
        if bool(self.actuator) != bool(self.request):
            raise ValueError("an action has both `actuator` and `request`, or neither")
        if self.actuator and self.reversible == "compensable" and self.compensation is None:
            raise ValueError("a compensable action with an actuator needs `compensation`; or is it reversible?")
        if self.actuator and self.reversible == "reversible" and not self.effects:
            raise ValueError("a reversible action is taken back by the values before: name them in `effects`")
        if self.compensation and not self.actuator:
            raise ValueError("`compensation` is sent by an actuator, and this action has none")
        return self


class Window(Value):
    """When acting is allowed, by the world's clock and time zone; outside of all windows it is refused."""

    actions: tuple[Name, ...] = ()
    """Which actions it is about; empty: all."""
    days: tuple[Day, ...] = ()
    """On which days; empty: all."""
    begins: Clock = "00:00"
    """The first minute."""
    ends: Clock = "23:59"
    """The last minute; before `begins` means on the next day."""


class RateLimit(Value):
    """How often acts may go out."""

    actions: tuple[Name, ...] = ()
    """Which actions it counts; empty: all."""
    max: Annotated[int, Field(ge=0)]
    """At most so many."""
    per: Duration = HOUR
    """In any span of this length, by the world's clock."""
    each_entity: bool = False
    """True counts for each entity apart."""


class Interlock(Value):
    """A Cypher query on the state that a plan would bring about; each row that it returns forbids the plan (S29)."""

    id: Name
    """Names it in verdicts."""
    file: str = ""
    """A file with its Cypher, in the folder of twin.yaml."""
    cypher: str = ""
    """Its Cypher, written here; returns `subject` and, if it likes, `message`."""
    description: str = ""
    """What a refusal says."""

    @model_validator(mode="after")
    def _one_text(self) -> Self:
        if bool(self.file) == bool(self.cypher):
            raise ValueError("an interlock has either `file` or `cypher`")
        return self


class Condition(Value):
    """A line of CEL that must be true for each act; `entity`, `action`, `effects`, `risk`, `plan_cost` are known to it."""

    expect: str
    """Such as `risk < 0.5 || action.reversible == 'reversible'`."""
    message: str = ""
    """What a refusal says."""


class Constraints(Value):
    """Policy: limits, thresholds and timing. Without it graphtwin observes and never acts."""

    max_drift_threshold: Annotated[float, Field(ge=0)] = 0.15
    """Deviations above it are findings that count as drift (S26)."""
    require_approval_above_risk: Unit01 = 0.7
    """A plan needs approval when the risk now, forecast or of the plan is above it."""
    min_confidence: Unit01 = 0.5
    """Below it nothing is planned, and the sync has failed (S25)."""
    min_sync_interval: Duration = 0
    """Least time between two syncs (S20)."""
    max_future_skew: Duration = 30 * SECOND
    """How far ahead of the world's clock a claim may be dated (S2)."""
    forecast_horizon: Duration = HOUR
    """How far ahead risk is forecast."""
    allowed_actions: tuple[str, ...] = ()
    """Actions that policy permits at all; what isn't named is denied."""
    pre_approved: tuple[str, ...] = ()
    """Allowed actions that need no approval of their own below `require_approval_above_risk`; all others do."""
    max_actions: Annotated[int, Field(ge=0)] = 10
    """How many acts one plan may have."""
    bounds: dict[str, Limit] = Field(default_factory=dict)
    """The range an act may set a variable to: `type.variable` to its limit."""
    windows: tuple[Window, ...] = ()
    """When acting is allowed; empty: always."""
    rate_limits: tuple[RateLimit, ...] = ()
    """How often acts may go out."""
    interlocks: tuple[Interlock, ...] = ()
    """What must not be in the state that a plan would bring about."""
    conditions: tuple[Condition, ...] = ()
    """What must be true for each act. A plain text is CEL."""
    approval_lasts: Duration = HOUR
    """How long an approval is good for, by the machine's clock: it is people who need the time."""

    @field_validator("conditions", mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return tuple({"expect": one} if isinstance(one, str) else one for one in value)
